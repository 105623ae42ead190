package tributary.localsgd.report;

import de.siegmar.fastcsv.reader.CsvReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// One training of a study: a line of its results, or of an export of them.
///
/// @param N non-embedding parameters
/// @param tokens D
/// @param M replicas
/// @param H local steps
/// @param codec of what replicas send, `fp32` where the line does not say
/// @param loss on validation data, nats a token; empty where the training diverged
/// @param outerRate empty where there is no outer step
/// @param onRule whether learning rate and batch are those of the study's rule, not of a sweep around it
/// @param flops C; 6 N D where the line does not say
/// @param exchanged all parameters, with embeddings; N where the line does not say
/// @param batchTokens B, of a step of all replicas; empty where the line does not say
/// @param curve tokens trained on and the mean training loss since the point before; empty where the line has none
record Training(
        double N, double tokens, String algorithm, int M, int H, String codec, OptionalDouble loss, OptionalDouble outerRate, long seed,
        boolean onRule, OptionalDouble bytes, OptionalDouble seconds, double flops, double exchanged, OptionalDouble batchTokens,
        List<double[]> curve) {

    private static final String CURVE = "curve";

    /// What is compared with one another: everything but size, tokens, rates and seed.
    record Arm(String algorithm, int M, int H, String codec) {
        /// Data parallelism.
        static final Arm REFERENCE = new Arm("data-parallel", 1, 1, "fp32");

        /// Data parallelism first, then by algorithm, codec, H and M.
        static final Comparator<Arm> ORDER = Comparator.comparing((Arm arm) -> !arm.isReference()).thenComparing(Arm::algorithm)
                .thenComparing(Arm::codec).thenComparing(Arm::H).thenComparing(Arm::M);

        /// Data parallelism is the same training on any number of replicas.
        boolean isReference() {
            return algorithm.equals(REFERENCE.algorithm);
        }

        String text() {
            return (isReference() ? algorithm : algorithm + " M=" + M + (H > 1 ? " H=" + H : ""))
                    + (codec.equals("fp32") ? "" : " " + codec);
        }
    }

    Arm arm() {
        Arm arm = new Arm(algorithm, M, H, codec);
        return arm.isReference() ? Arm.REFERENCE : arm;
    }

    /// Tokens a parameter, to one digit behind the point.
    double budget() {
        return Math.round(10 * tokens / N) / 10.0;
    }

    /// Reads JSON lines or CSV.
    ///
    /// @throws IllegalArgumentException naming file and line where a column is missing or no number
    static List<Training> read(Path file) throws IOException {
        List<Map<String, String>> lines = file.toString().endsWith(".csv") ? csv(file) : json(file);
        List<Training> trainings = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            try {
                trainings.add(of(lines.get(i)));
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(
                        file + ": training " + (i + 1) + ": " + e.getMessage() + "; a study's results have it", e);
            }
        }
        if (trainings.isEmpty()) {
            throw new IllegalArgumentException(file + ": holds no training yet");
        }
        return trainings;
    }

    private static List<Map<String, String>> csv(Path file) throws IOException {
        List<Map<String, String>> lines = new ArrayList<>();
        try (var reader = CsvReader.builder().ofNamedCsvRecord(file)) {
            reader.forEach(line -> lines.add(line.getFieldsAsMap()));
        }
        return lines;
    }

    private static List<Map<String, String>> json(Path file) throws IOException {
        List<Map<String, String>> lines = new ArrayList<>();
        String text = Files.readString(file);
        for (String line : text.substring(0, text.lastIndexOf('\n') + 1).lines().toList()) { // the rest is still being written
            Map<String, String> columns = new LinkedHashMap<>();
            try {
                JsonNode node = JsonMapper.shared().readTree(line);
                node.path("settings").properties().forEach(entry -> columns.put(entry.getKey(), entry.getValue().asString("")));
                node.properties().forEach(entry -> columns.put(entry.getKey(),
                        entry.getKey().equals(CURVE) ? entry.getValue().toString() : entry.getValue().asString("")));
            } catch (JacksonException e) {
                throw new IllegalArgumentException(file + ":" + (lines.size() + 1) + ": is not JSON: " + e.getOriginalMessage(), e);
            }
            lines.add(columns);
        }
        return lines;
    }

    private static Training of(Map<String, String> line) {
        OptionalDouble loss = optional(line, "loss");
        loss.ifPresent(value -> positive("loss", value));
        double N = positive("parameters", number(line, "parameters"));
        double D = positive("tokens", number(line, "tokens"));
        return new Training(
                N, D, text(line, "algorithm"),
                (int) positive("replicas", number(line, "replicas")), (int) positive("local_steps", number(line, "local_steps")),
                line.getOrDefault("codec", "fp32"), loss, optional(line, "outer_learning_rate"),
                (long) optional(line, "seed").orElse(1),
                optional(line, "learning_rate_times").orElse(1) == 1 && optional(line, "batch_times").orElse(1) == 1,
                optional(line, "communicated_bytes"), optional(line, "seconds"),
                positive("flops", optional(line, "flops").orElse(6 * N * D)),
                positive("all_parameters", optional(line, "all_parameters").orElse(N)), optional(line, "batch_tokens"),
                curve(line.getOrDefault(CURVE, "[]")));
    }

    private static List<double[]> curve(String text) {
        List<double[]> curve = new ArrayList<>();
        try {
            for (JsonNode pair : JsonMapper.shared().readTree(text)) {
                curve.add(new double[] {pair.required(0).doubleValue(), pair.required(1).doubleValue()});
            }
        } catch (JacksonException e) {
            throw new IllegalArgumentException(CURVE + " is not a list of pairs of tokens and loss", e);
        }
        return List.copyOf(curve);
    }

    private static String text(Map<String, String> line, String column) {
        String text = line.getOrDefault(column, "");
        if (text.isEmpty()) {
            throw new IllegalArgumentException("there is no " + column);
        }
        return text;
    }

    private static double number(Map<String, String> line, String column) {
        String text = text(line, column);
        try {
            return Double.parseDouble(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(column + " '" + text + "' is not a number", e);
        }
    }

    private static OptionalDouble optional(Map<String, String> line, String column) {
        return line.getOrDefault(column, "").isEmpty() ? OptionalDouble.empty() : OptionalDouble.of(number(line, column));
    }

    private static double positive(String column, double number) {
        if (!(number > 0 && Double.isFinite(number))) {
            throw new IllegalArgumentException(column + " " + number + " is not a positive number");
        }
        return number;
    }
}
