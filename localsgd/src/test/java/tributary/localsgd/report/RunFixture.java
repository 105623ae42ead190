package tributary.localsgd.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Folders of runs, by hand.
final class RunFixture {
    private RunFixture() {}

    /// A run of eight lines on a virtual cluster, without a model.
    static Path write(Path folder, String algorithm, double loss, int bytesAStep) throws IOException {
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("config.yaml"), "data: jdk\nsteps: 80\nalgorithm: " + algorithm + "\n");
        StringBuilder metrics = new StringBuilder();
        for (int step = 10; step <= 80; step += 10) {
            metrics.append("{\"step\":").append(step).append(",\"tokens\":").append(768 * step)
                    .append(",\"train_loss\":").append(loss + 1.0 / step)
                    .append(step % 20 == 0 ? ",\"val_loss\":" + (loss + 2.0 / step) : "")
                    .append(",\"lr\":0.001,\"tokens_per_second\":900.5,\"communicated_bytes\":").append((long) bytesAStep * step)
                    .append(",\"virtual_seconds\":").append(0.5 * step).append(",\"elapsed_seconds\":").append(0.1 * step).append("}\n");
        }
        Files.writeString(folder.resolve("metrics.jsonl"), metrics);
        Files.writeString(folder.resolve("timeline.json"), """
                {"displayTimeUnit":"ms","otherData":{"spans_left_out":0},"traceEvents":[
                {"name":"thread_name","ph":"M","pid":1,"tid":0,"args":{"name":"oslo"}},
                {"name":"thread_name","ph":"M","pid":1,"tid":1,"args":{"name":"attic"}},
                {"name":"compute","ph":"X","pid":1,"tid":0,"ts":0,"dur":2e6},
                {"name":"compute","ph":"X","pid":1,"tid":1,"ts":0,"dur":3e6},
                {"name":"wait","ph":"X","pid":1,"tid":0,"ts":2e6,"dur":1e6}]}
                """);
        return folder;
    }
}
