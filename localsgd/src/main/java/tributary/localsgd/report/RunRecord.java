package tributary.localsgd.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tributary.localsgd.run.Run;
import tributary.localsgd.run.RunConfig;
import tributary.localsgd.run.RunSample;
import tributary.model.Gpt;
import tributary.model.GptConfig;
import tributary.model.format.HuggingFaceGpt2;

/// What a run left in its folder.
///
/// @param name tells it from the others of a report
/// @param shape of the model; empty where there is no checkpoint yet
/// @param sample of what the model writes; empty without a model
/// @param rollbacks of rounds that could not end whole
record RunRecord(
        String name, RunConfig config, List<Measurement> measurements, Optional<GptConfig> shape, Optional<WorkerTrace> trace,
        Optional<String> sample, List<Rollback> rollbacks) {

    /// @param step where the run stood again
    /// @param reason for people
    record Rollback(long step, String reason) {

        /// As they stand in `rollbacks.jsonl`; none where there is no such file.
        static List<Rollback> read(Path file) throws IOException {
            if (Files.notExists(file)) {
                return List.of();
            }
            List<Rollback> rollbacks = new ArrayList<>();
            for (String line : Files.readAllLines(file)) {
                try {
                    JsonNode json = JsonMapper.shared().readTree(line);
                    rollbacks.add(new Rollback(json.required("step").longValue(), json.required("reason").stringValue()));
                } catch (JacksonException e) {
                    throw new IllegalArgumentException(file + ":" + (rollbacks.size() + 1) + ": is no rollback of a run: "
                            + e.getOriginalMessage(), e);
                }
            }
            return rollbacks;
        }
    }

    /// Whether a folder holds a run.
    static boolean in(Path folder) {
        return Files.isRegularFile(folder.resolve("config.yaml"));
    }

    /// Reads a run, which may still be going on.
    ///
    /// @throws IllegalArgumentException where the folder holds something else, or something damaged
    static RunRecord read(Path folder, String name) throws IOException {
        RunConfig config = Run.configuration(folder);
        List<Measurement> measurements = Measurement.read(folder.resolve("metrics.jsonl"));
        if (measurements.isEmpty()) {
            throw new IllegalArgumentException("run " + folder + " has measured nothing yet; wait for its first steps");
        }
        Optional<Path> model = model(folder);
        Optional<GptConfig> shape = model.isEmpty() ? Optional.empty() : Optional.of(HuggingFaceGpt2.readConfig(model.get()));
        Optional<String> sample = Optional.empty();
        if (model.isPresent()) {
            StringBuilder text = new StringBuilder();
            RunSample.write(model.get(), config, text::append);
            sample = Optional.of(text.toString());
        }
        return new RunRecord(name, config, measurements, shape, WorkerTrace.read(folder.resolve("timeline.json")), sample,
                Rollback.read(folder.resolve("rollbacks.jsonl")));
    }

    private static Optional<Path> model(Path folder) throws IOException {
        try {
            return Optional.of(Run.modelFolder(folder));
        } catch (IllegalArgumentException none) {
            return Optional.empty();
        }
    }

    Measurement last() {
        return measurements.getLast();
    }

    /// The last measured loss on the validation data.
    Optional<Measurement> lastValidated() {
        return measurements.stream().filter(measurement -> measurement.valLoss().isPresent()).reduce((_, later) -> later);
    }

    /// All trained numbers.
    static long parameters(GptConfig shape) {
        return Gpt.layout(shape).elements();
    }

    /// Without the tables of tokens and positions.
    static long nonEmbedding(GptConfig shape) {
        return parameters(shape) - (long) shape.width() * (shape.vocabulary() + shape.context());
    }
}
