package tributary.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tributary.localsgd.cluster.WorkerTime;
import tributary.localsgd.run.Run;
import tributary.localsgd.run.RunConfig;
import tributary.localsgd.run.RunSample;
import tributary.localsgd.run.RunSummary;

/// What `train` leaves when it is done: figures, the loss curve, a sample of text, and where the files are; or the figures
/// as one JSON object.
record Outcome(RunConfig config, RunSummary summary, LossCurve curve) {
    /// Prints it.
    ///
    /// @param results the standard output
    /// @param err the standard error: with `json` the report for people goes there, unless `quiet`
    void print(PrintWriter results, PrintWriter err, boolean json, boolean quiet) throws IOException {
        if (!json) {
            report(results);
        } else {
            if (!quiet) {
                report(err);
            }
            results.println(toJson());
        }
    }

    private void report(PrintWriter text) throws IOException {
        Table table = new Table();
        table.row("validation loss", "%.4f nats a token (perplexity %,.2f)", summary.valLoss(), Math.exp(summary.valLoss()));
        table.row("training loss", "%.4f", summary.trainLoss());
        table.row("tokens", "%,d in %,d steps", summary.tokens(), summary.steps());
        table.row("speed", "%,.0f tokens/s", summary.tokensPerSecond());
        table.row("communicated", "%s between %d %s", bytes(summary.communicatedBytes()), config.replicas(),
                config.replicas() == 1 ? "replica" : "replicas");
        table.row("time", "%.1f s", summary.elapsedSeconds());
        if (!summary.workers().isEmpty()) {
            table.row("virtual time", "%,.1f s", summary.workers().getFirst().all());
            for (WorkerTime worker : summary.workers()) {
                table.row(worker.worker(), "%.1f %% computing, %.1f %% communicating, %.1f %% waiting",
                        100 * worker.utilization(), 100 * worker.transfer() / worker.all(), 100 * worker.waiting() / worker.all());
            }
        }
        table.row("parameters", "%,d", summary.parameters());
        text.println();
        table.print(text);
        if (!curve.lines().isEmpty()) {
            text.println();
            curve.lines().forEach(text::println);
        }
        Path model = Run.modelFolder(summary.out());
        text.println();
        text.println("A sample at temperature " + RunSample.TEMPERATURE + ":");
        text.println();
        RunSample.write(model, config, text::print);
        text.println();
        text.println();
        text.println("The model is in " + model + ", the loss curve in " + summary.out().resolve("metrics.jsonl"));
        text.println("More text: tributary generate --model " + summary.out() + " --prompt TEXT");
        text.flush();
    }

    private String toJson() {
        ObjectNode json = JsonMapper.shared().createObjectNode();
        json.put("steps", summary.steps());
        json.put("tokens", summary.tokens());
        json.put("train_loss", summary.trainLoss());
        json.put("val_loss", summary.valLoss());
        json.put("tokens_per_second", summary.tokensPerSecond());
        json.put("communicated_bytes", summary.communicatedBytes());
        json.put("elapsed_seconds", summary.elapsedSeconds());
        json.put("parameters", summary.parameters());
        if (!summary.workers().isEmpty()) {
            json.put("virtual_seconds", summary.workers().getFirst().all());
            ArrayNode workers = json.putArray("workers");
            for (WorkerTime worker : summary.workers()) {
                workers.addObject().put("worker", worker.worker()).put("utilization", worker.utilization())
                        .put("compute_seconds", worker.compute()).put("transfer_seconds", worker.transfer())
                        .put("waiting_seconds", worker.waiting());
            }
        }
        json.put("out", summary.out().toString());
        return json.toString();
    }

    private static String bytes(long bytes) {
        return bytes < 1_000_000
                ? String.format(Locale.ROOT, "%,d bytes", bytes)
                : String.format(Locale.ROOT, "%,.1f MB", bytes / 1e6);
    }
}
