package tributary.localsgd.study;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tributary.localsgd.run.RunConfig;
import tributary.model.format.FormatException;

/// What came of a training: one line of the results file.
///
/// @param config the hash of the configuration, see [Trial#hash]
/// @param corpus the SHA-256 of the text and its split
/// @param parameters N, without the tables of tokens and positions
/// @param allParameters with them
/// @param tokens D
/// @param flops C = D (6 P + 6 L T C), P all parameters but the table of positions, which takes no multiplication; the last
///     product is causal attention's. Outer steps and evaluations are not counted
/// @param loss on the validation text, nats a token; empty where the training diverged
/// @param failure why there is no loss
/// @param rateTimes learning rate over the one of the rule
/// @param batchTimes batch over the one of the rule
/// @param seconds from begin to end, sessions added up, beside the other trainings of the study
/// @param communicatedBytes between replicas
/// @param settings of the run
/// @param curve mean training losses of stretches of the run, the oldest first
public record Result(
        String config, String grid, String corpus, long parameters, long allParameters, double tokensPerParameter, long tokens,
        double flops, int vocabulary, double rateTimes, double batchTimes, OptionalDouble loss, Optional<String> failure, double seconds,
        long communicatedBytes,
        Map<String, String> settings, List<Stretch> curve) {

    /// @param tokens trained on at its end
    /// @param loss mean training loss in it
    public record Stretch(long tokens, double loss) {}

    public Result {
        settings = Map.copyOf(settings);
        curve = List.copyOf(curve);
    }

    /// The settings in alphabetical order, those that this version has and the result does not, since it is older, at the standard
    /// value, at which they change nothing.
    TreeMap<String, String> allSettings() {
        TreeMap<String, String> all = new TreeMap<>(RunConfig.of(Map.of("algorithm", algorithm())).settings());
        all.putAll(settings);
        return all;
    }

    public String algorithm() {
        return settings.get("algorithm");
    }

    /// M.
    public int replicas() {
        return Integer.parseInt(settings.get("replicas"));
    }

    /// H, 1 where the algorithm has none.
    public int localSteps() {
        return Integer.parseInt(settings.getOrDefault("local-steps", "1"));
    }

    /// The columns of a table of results, by name, empty where there is no value: those `fit` reads come first.
    Map<String, String> columns() {
        Map<String, String> columns = new LinkedHashMap<>();
        columns.put("parameters", Long.toString(parameters));
        columns.put("tokens", Long.toString(tokens));
        columns.put("algorithm", algorithm());
        columns.put("replicas", Integer.toString(replicas()));
        columns.put("local_steps", Integer.toString(localSteps()));
        columns.put("loss", loss.isPresent() ? Double.toString(loss.getAsDouble()) : "");
        columns.put("all_parameters", Long.toString(allParameters));
        columns.put("flops", Double.toString(flops));
        columns.put("learning_rate", settings.get("lr"));
        columns.put("outer_learning_rate", settings.getOrDefault("outer-lr", ""));
        columns.put("batch_tokens", Long.toString(Long.parseLong(settings.get("batch")) * Long.parseLong(settings.get("context"))));
        columns.put("seed", settings.get("seed"));
        columns.put("seconds", Double.toString(Math.round(seconds * 1000) / 1000.0));
        columns.put("communicated_bytes", Long.toString(communicatedBytes));
        columns.put("tokens_per_parameter", Double.toString(tokensPerParameter));
        columns.put("learning_rate_times", Double.toString(rateTimes));
        columns.put("batch_times", Double.toString(batchTimes));
        columns.put("vocabulary", Integer.toString(vocabulary));
        columns.put("grid", grid);
        columns.put("config", config);
        columns.put("corpus", corpus);
        return columns;
    }

    private static final List<String> NUMBERS = List.of(
            "parameters", "tokens", "replicas", "local_steps", "loss", "all_parameters", "flops", "learning_rate", "outer_learning_rate",
            "batch_tokens", "seed", "seconds", "communicated_bytes", "tokens_per_parameter", "learning_rate_times", "batch_times",
            "vocabulary");

    /// One line: the columns as keys, then `failure`, `settings` and `curve`.
    String toJson() {
        ObjectNode json = JsonMapper.shared().createObjectNode();
        columns().forEach((name, value) -> {
            if (value.isEmpty()) {
                json.putNull(name);
            } else if (NUMBERS.contains(name)) {
                json.set(name, JsonMapper.shared().readTree(value));
            } else {
                json.put(name, value);
            }
        });
        failure.ifPresent(why -> json.put("failure", why));
        ObjectNode own = json.putObject("settings");
        settings.entrySet().stream().sorted(Map.Entry.comparingByKey()).forEach(entry -> own.put(entry.getKey(), entry.getValue()));
        ArrayNode stretches = json.putArray("curve");
        curve.forEach(stretch -> stretches.addArray().add(stretch.tokens).add(stretch.loss));
        return json.toString();
    }

    /// @throws FormatException where the line is not one that [#toJson] writes
    static Result fromJson(String line, String place) throws FormatException {
        try {
            JsonNode json = JsonMapper.shared().readTree(line);
            Map<String, String> settings = new LinkedHashMap<>();
            json.required("settings").properties().forEach(entry -> settings.put(entry.getKey(), entry.getValue().stringValue()));
            List<Stretch> curve = new ArrayList<>();
            json.required("curve").forEach(pair -> curve.add(new Stretch(pair.required(0).longValue(), pair.required(1).doubleValue())));
            JsonNode loss = json.required("loss");
            return new Result(
                    json.required("config").stringValue(), json.required("grid").stringValue(), json.required("corpus").stringValue(),
                    json.required("parameters").longValue(), json.required("all_parameters").longValue(),
                    json.required("tokens_per_parameter").doubleValue(), json.required("tokens").longValue(),
                    json.required("flops").doubleValue(), json.required("vocabulary").intValue(),
                    json.required("learning_rate_times").doubleValue(), json.required("batch_times").doubleValue(),
                    loss.isNull() ? OptionalDouble.empty() : OptionalDouble.of(loss.doubleValue()),
                    Optional.ofNullable(json.get("failure")).map(JsonNode::stringValue),
                    json.required("seconds").doubleValue(), json.required("communicated_bytes").longValue(), settings, curve);
        } catch (RuntimeException malformed) { // Jackson's own are of several kinds
            throw new FormatException(place + ": not a result of a study: " + malformed.getMessage(), malformed);
        }
    }
}
