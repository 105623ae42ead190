package tributary.localsgd.run;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tributary.localsgd.cluster.VirtualClock;
import tributary.localsgd.cluster.WorkerState;
import tributary.model.Gpt;
import tributary.model.format.FileTree;
import tributary.model.format.FormatException;
import tributary.model.format.HuggingFaceGpt2;
import tributary.model.format.SafetensorsFile;
import tributary.model.format.SafetensorsWriter;
import tributary.model.json.JsonFile;
import tributary.model.tokenizer.Tokenizer;
import tributary.tensor.Tensor;

/// A moment of a run on disk, in a folder `checkpoints/step-<n>`:
/// - `model.safetensors`, `config.json`, `tokenizer.json`: the global model, as Hugging Face reads it;
/// - `training.safetensors`: every buffer of the replicas and of the algorithm;
/// - `training.json`: where the run stands, and size and CRC-32C of each of the files above.
///
/// A checkpoint is written under a temporary name and renamed when it is whole on disk; a broken one is noticed when it
/// is read, and the one before it is used. The newest two are kept.
final class Checkpoint {
    private static final String TRAINING = "training.json";
    private static final String BUFFERS = "training.safetensors";
    private static final int KEPT = 2;

    /// Where a run stands.
    ///
    /// @param synchronizedStep steps done at the last end of a round
    /// @param step steps reported; more than `synchronizedStep` where the run was stopped inside a round, fewer where it was
    ///     stopped in the evaluation at a round's end
    /// @param rounds done
    /// @param trainingSeconds without evaluation and checkpoints
    /// @param lastLoss of the last step reported, NaN before the first
    /// @param dataHash SHA-256 of the data trained on
    /// @param virtualClock of a run on a virtual cluster
    record State(
            int synchronizedStep, int step, int rounds, long communicatedBytes,
            double elapsedSeconds, double trainingSeconds, double lastLoss, String dataHash, List<ReplicaState> replicas,
            Optional<VirtualClock.State> virtualClock) {}

    /// Where a replica stands.
    ///
    /// @param step its own steps done
    /// @param optimizerSteps those its inner optimizer counts
    /// @param unreported losses of its latest steps that belong to steps not reported yet, NaN where none was measured
    record ReplicaState(int step, int optimizerSteps, List<Double> unreported) {
        static final ReplicaState FRESH = new ReplicaState(0, 0, List.of());
    }

    private final Path folder;
    private final State state;

    private Checkpoint(Path folder, State state) {
        this.folder = folder;
        this.state = state;
    }

    Path folder() {
        return folder;
    }

    State state() {
        return state;
    }

    /// Writes a checkpoint and removes all but the newest two.
    ///
    /// @param buffers by name
    /// @return its folder
    static Path write(Path checkpoints, State state, Gpt model, Tokenizer tokenizer, Map<String, Tensor> buffers)
            throws IOException {
        Path target = checkpoints.resolve("step-%08d".formatted(Math.max(state.step, state.synchronizedStep)));
        Path draft = checkpoints.resolve("." + target.getFileName() + ".tmp");
        FileTree.delete(draft);
        Files.createDirectories(draft);
        try {
            HuggingFaceGpt2.save(draft, model.config(), model.parameters());
            tokenizer.save(draft);
            SafetensorsWriter writer = new SafetensorsWriter();
            buffers.forEach(writer::add);
            writer.write(draft.resolve(BUFFERS));
            JsonFile.write(draft.resolve(TRAINING), describe(draft, state));
            Path replaced = checkpoints.resolve("." + target.getFileName() + ".old");
            FileTree.delete(replaced);
            if (Files.exists(target)) {
                Files.move(target, replaced, StandardCopyOption.ATOMIC_MOVE);
            }
            Files.move(draft, target, StandardCopyOption.ATOMIC_MOVE);
            FileTree.delete(replaced);
        } catch (IOException | RuntimeException e) {
            try {
                FileTree.delete(draft);
            } catch (IOException cleanup) {
                e.addSuppressed(cleanup);
            }
            throw e;
        }
        List<Path> all = list(checkpoints);
        for (Path old : all.subList(Math.min(KEPT, all.size()), all.size())) {
            FileTree.delete(old);
        }
        return target;
    }

    private static ObjectNode describe(Path draft, State state) throws IOException {
        ObjectNode json = JsonFile.object()
                .put("synchronized_step", state.synchronizedStep)
                .put("step", state.step)
                .put("rounds", state.rounds)
                .put("communicated_bytes", state.communicatedBytes)
                .put("elapsed_seconds", state.elapsedSeconds)
                .put("training_seconds", state.trainingSeconds)
                .put("last_loss", Double.toString(state.lastLoss))
                .put("data_sha256", state.dataHash);
        ArrayNode replicas = json.putArray("replicas");
        for (ReplicaState replica : state.replicas) {
            ArrayNode unreported = replicas.addObject()
                    .put("step", replica.step)
                    .put("optimizer_steps", replica.optimizerSteps)
                    .putArray("unreported_losses");
            replica.unreported.forEach(loss -> unreported.add(loss.toString()));
        }
        state.virtualClock.ifPresent(clock -> {
            ObjectNode saved = json.putObject("virtual_clock").put("communicated_bytes", clock.communicatedBytes()).put("round",
                    clock.round());
            ObjectNode flights = saved.putObject("flights");
            clock.flights().forEach((name, there) -> there.forEach(flights.withArray(name.toString())::add));
            ArrayNode workers = saved.putArray("workers");
            for (WorkerState worker : clock.workers()) {
                ArrayNode totals = workers.addObject().put("now", worker.now()).put("work", worker.work()).put("out", worker.out())
                        .put("busy", worker.busy()).put("underway", worker.underway()).put("exchanges", worker.exchanges())
                        .putArray("totals");
                worker.totals().forEach(totals::add);
            }
        });
        ObjectNode files = json.putObject("files");
        try (Stream<Path> written = Files.list(draft)) {
            for (Path file : written.sorted().toList()) {
                files.putObject(file.getFileName().toString()).put("bytes", Files.size(file)).put("crc32c", checksum(file));
            }
        }
        return json;
    }

    /// The newest checkpoint that is whole. Each broken one it passes over is reported.
    static Optional<Checkpoint> newest(Path checkpoints, Consumer<String> message) throws IOException {
        for (Path folder : list(checkpoints)) {
            try {
                return Optional.of(open(folder));
            } catch (FormatException e) {
                message.accept("checkpoint " + folder + " is broken (" + e.getMessage() + "); falling back to the one before it");
            }
        }
        return Optional.empty();
    }

    private static Checkpoint open(Path folder) throws IOException {
        ObjectNode json = JsonFile.read(folder.resolve(TRAINING));
        try {
            for (var entry : json.required("files").properties()) {
                Path file = folder.resolve(entry.getKey());
                long bytes = Files.exists(file) ? Files.size(file) : -1;
                if (bytes < 0) {
                    throw new FormatException(entry.getKey() + " is missing");
                }
                long expected = entry.getValue().required("bytes").longValue();
                if (bytes != expected) {
                    throw new FormatException(entry.getKey() + " has " + bytes + " bytes instead of " + expected);
                }
                if (checksum(file) != entry.getValue().required("crc32c").longValue()) {
                    throw new FormatException(entry.getKey() + " does not match its checksum");
                }
            }
            return new Checkpoint(folder, new State(
                    json.required("synchronized_step").intValue(), json.required("step").intValue(), json.required("rounds").intValue(),
                    json.required("communicated_bytes").longValue(), json.required("elapsed_seconds").doubleValue(),
                    json.required("training_seconds").doubleValue(), Double.parseDouble(json.required("last_loss").stringValue()),
                    json.required("data_sha256").stringValue(),
                    json.required("replicas").valueStream().map(Checkpoint::replicaState).toList(),
                    json.has("virtual_clock") ? Optional.of(virtualClock(json.required("virtual_clock"))) : Optional.empty()));
        } catch (JacksonException e) {
            throw new FormatException(TRAINING + ": " + e.getOriginalMessage(), e);
        }
    }

    private static ReplicaState replicaState(JsonNode json) {
        return new ReplicaState(
                json.required("step").intValue(), json.required("optimizer_steps").intValue(),
                json.required("unreported_losses").valueStream().map(loss -> Double.valueOf(loss.stringValue())).toList());
    }

    private static VirtualClock.State virtualClock(JsonNode json) {
        return new VirtualClock.State(
                json.required("communicated_bytes").longValue(), json.required("round").intValue(),
                json.required("flights").properties().stream().collect(Collectors.toMap(
                        flight -> Integer.valueOf(flight.getKey()),
                        flight -> flight.getValue().valueStream().map(JsonNode::longValue).toList())),
                json.required("workers").valueStream().map(worker -> new WorkerState(
                        worker.required("now").longValue(), worker.required("work").longValue(), worker.required("out").booleanValue(),
                        worker.required("busy").longValue(), worker.required("underway").longValue(),
                        worker.required("exchanges").longValue(),
                        worker.required("totals").valueStream().map(JsonNode::longValue).toList())).toList());
    }

    /// Fills the global model and the buffers, by name, with what was saved.
    void read(Gpt model, Map<String, Tensor> buffers) throws IOException {
        HuggingFaceGpt2.load(folder, model.parameters());
        try (SafetensorsFile file = SafetensorsFile.open(folder.resolve(BUFFERS))) {
            for (var buffer : buffers.entrySet()) {
                file.readInto(buffer.getKey(), buffer.getValue());
            }
        }
    }

    /// The checkpoints' folders, newest first.
    static List<Path> list(Path checkpoints) throws IOException {
        if (!Files.isDirectory(checkpoints)) {
            return List.of();
        }
        try (Stream<Path> folders = Files.list(checkpoints)) {
            return new ArrayList<>(folders
                    .filter(folder -> folder.getFileName().toString().matches("step-\\d+"))
                    .sorted(Comparator.comparingLong((Path folder) -> Long.parseLong(folder.getFileName().toString().substring(5)))
                            .reversed())
                    .toList());
        }
    }

    private static long checksum(Path file) throws IOException {
        CRC32C checksum = new CRC32C();
        byte[] buffer = new byte[1 << 20];
        try (InputStream in = Files.newInputStream(file)) {
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                checksum.update(buffer, 0, read);
            }
        }
        return checksum.getValue();
    }
}
