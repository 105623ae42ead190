package tributary.localsgd.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tributary.localsgd.Fault;

/// `metrics.jsonl`: one JSON object a logged step, appended whole and at once, so that a reader or a killed run never sees half
/// a line that counts.
final class MetricsFile implements AutoCloseable {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final int RECENT = 10;

    private final FileChannel file;
    private final Deque<Double> recentLosses = new ArrayDeque<>();
    private OptionalDouble lastValLoss = OptionalDouble.empty();

    /// Opens the file, keeping the lines up to and including `lastStep` and dropping what a killed run wrote after the
    /// checkpoint it resumes from.
    MetricsFile(Path path, int lastStep) throws IOException {
        long kept = 0;
        if (Files.exists(path)) {
            byte[] bytes = Files.readAllBytes(path);
            int start = 0;
            for (int i = 0; i < bytes.length; i++) {
                if (bytes[i] == '\n') {
                    Line line = parse(new String(bytes, start, i - start, StandardCharsets.UTF_8));
                    if (line == null || line.step > lastStep) {
                        break;
                    }
                    remember(line.trainLoss, line.valLoss);
                    start = i + 1;
                    kept = start;
                }
            }
        }
        file = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        file.truncate(kept);
        file.position(kept);
    }

    private record Line(int step, double trainLoss, OptionalDouble valLoss) {}

    private static @Nullable Line parse(String text) {
        try {
            JsonNode node = JSON.readTree(text);
            JsonNode step = node.get("step");
            JsonNode loss = node.get("train_loss");
            JsonNode valLoss = node.get("val_loss");
            return step == null || loss == null ? null : new Line(
                    step.asInt(), loss.asDouble(), valLoss == null ? OptionalDouble.empty() : OptionalDouble.of(valLoss.asDouble()));
        } catch (JacksonException e) {
            return null;
        }
    }

    /// @param dropped the replicas that took no part in the end of the round that this step ends
    void append(StepMetrics metrics, List<Fault> dropped) {
        ObjectNode line = JSON.createObjectNode()
                .put("step", metrics.step())
                .put("tokens", metrics.tokens())
                .put("train_loss", metrics.trainLoss());
        ArrayNode replicas = line.putArray("replica_losses");
        metrics.replicaLosses().forEach(loss -> replicas.add(loss.isNaN() ? null : loss)); // JSON has no NaN
        metrics.valLoss().ifPresent(loss -> line.put("val_loss", loss));
        line.put("lr", metrics.lr())
                .put("tokens_per_second", Math.round(metrics.tokensPerSecond() * 10) / 10.0)
                .put("rounds", metrics.rounds())
                .put("communicated_bytes", metrics.communicatedBytes());
        metrics.virtualSeconds().ifPresent(seconds -> line.put("virtual_seconds", seconds));
        if (!dropped.isEmpty()) {
            ArrayNode events = line.putArray("dropped");
            dropped.forEach(fault -> events.addObject().put("replica", fault.replica()).put("kind", Setting.label(fault.kind()))
                    .put("reason", fault.reason()));
        }
        line.put("elapsed_seconds", Math.round(metrics.elapsedSeconds() * 1000) / 1000.0);
        ByteBuffer bytes = ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8));
        try {
            while (bytes.hasRemaining()) {
                file.write(bytes);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        remember(metrics.trainLoss(), metrics.valLoss());
    }

    private void remember(double trainLoss, OptionalDouble valLoss) {
        if (valLoss.isPresent()) {
            lastValLoss = valLoss;
        }
        recentLosses.addLast(trainLoss);
        if (recentLosses.size() > RECENT) {
            recentLosses.removeFirst();
        }
    }

    /// The mean training loss of the last ten logged steps, NaN before the first.
    double recentTrainLoss() {
        return recentLosses.stream().mapToDouble(Double::doubleValue).average().orElse(Double.NaN);
    }

    /// The newest validation loss, empty before the first.
    OptionalDouble lastValLoss() {
        return lastValLoss;
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
