package tributary.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
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
    /// Virtual workers with a line of their own; the JSON object has them all.
    private static final int MOST_WORKERS = 8;

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
            for (WorkerTime worker : shown(summary.workers())) {
                table.row(worker.worker(), "%s", shares(worker));
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

    /// All workers where they are few; of many their mean, those that computed most, for whom the others waited, and those that
    /// did least.
    private static List<WorkerTime> shown(List<WorkerTime> workers) {
        if (workers.size() <= MOST_WORKERS) {
            return workers;
        }
        List<WorkerTime> shown = new ArrayList<>();
        shown.add(new WorkerTime("mean of " + workers.size(), mean(workers, WorkerTime::compute), mean(workers, WorkerTime::transfer),
                mean(workers, WorkerTime::waiting), mean(workers, WorkerTime::lost), mean(workers, WorkerTime::down),
                workers.stream().mapToInt(WorkerTime::failures).sum(), workers.getFirst().all(), mean(workers, WorkerTime::underway)));
        List<WorkerTime> busiestFirst = workers.stream().sorted(Comparator.comparingDouble(WorkerTime::utilization).reversed()).toList();
        shown.addAll(busiestFirst.subList(0, MOST_WORKERS / 2));
        shown.addAll(busiestFirst.subList(workers.size() - MOST_WORKERS / 2, workers.size()));
        return shown;
    }

    private static double mean(List<WorkerTime> workers, ToDoubleFunction<WorkerTime> seconds) {
        return workers.stream().mapToDouble(seconds).average().orElseThrow();
    }

    private static String shares(WorkerTime worker) {
        double all = Math.max(1e-9, worker.all());
        String shares = String.format(Locale.ROOT, "%.1f %% computing, %.1f %% communicating, %.1f %% waiting",
                100 * worker.utilization(), 100 * worker.transfer() / all, 100 * worker.waiting() / all);
        if (worker.failures() > 0 || worker.down() > 0) {
            shares += String.format(Locale.ROOT, ", %.1f %% lost, %.1f %% down, %d %s", 100 * worker.lost() / all,
                    100 * worker.down() / all, worker.failures(), worker.failures() == 1 ? "failure" : "failures");
        }
        return worker.underway() == 0 ? shares
                : shares + String.format(Locale.ROOT, "; messages underway meanwhile %.1f %%", 100 * worker.underway() / all);
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
                        .put("waiting_seconds", worker.waiting()).put("lost_seconds", worker.lost()).put("down_seconds", worker.down())
                        .put("failures", worker.failures()).put("underway_seconds", worker.underway());
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
