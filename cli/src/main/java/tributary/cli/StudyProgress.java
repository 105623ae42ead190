package tributary.cli;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tributary.localsgd.run.StepMetrics;
import tributary.localsgd.study.Figures;
import tributary.localsgd.study.Result;
import tributary.localsgd.study.StudyListener;
import tributary.localsgd.study.Trial;

/// Shows a study while it works: as an overview that is drawn anew where a person watches, as lines in a file or a pipe, or
/// not at all.
abstract class StudyProgress implements StudyListener, AutoCloseable {
    private final PrintWriter err;
    private final Map<String, Double> flops = new HashMap<>();
    private final Map<String, AtWork> atWork = new LinkedHashMap<>();
    private final List<Result> done = new ArrayList<>();
    private int all;
    private long began;
    private double plannedFlops;
    private double allFlops;
    private double finishedFlops;
    private double earlierFlops;

    /// A training that runs.
    ///
    /// @param loss smoothed, a single batch is noisy
    record AtWork(Trial trial, int firstStep, int step, double loss) {
        double share() {
            return (double) step / trial.config().steps();
        }
    }

    StudyProgress(PrintWriter err) {
        this.err = err;
    }

    /// The kind that suits the standard error.
    static StudyProgress on(PrintWriter err, boolean quiet) {
        if (quiet) {
            return new Silent(err);
        }
        return Terminal.isWatched() ? new StudyOnTerminal(err) : new StudyInLines(err);
    }

    @Override
    public void message(String line) {
        err.println(line);
    }

    @Override
    public void began(List<Trial> plan, List<Double> each, List<Result> results) {
        began = System.nanoTime();
        all = plan.size() + results.size();
        done.addAll(results);
        for (int i = 0; i < plan.size(); i++) {
            flops.put(plan.get(i).hash(), each.get(i));
            plannedFlops += each.get(i);
        }
        allFlops = plannedFlops + results.stream().mapToDouble(Result::flops).sum();
        show();
    }

    @Override
    public void started(Trial trial, int firstStep) {
        atWork.put(trial.hash(), new AtWork(trial, firstStep, firstStep, Double.NaN));
        earlierFlops += flops.get(trial.hash()) * firstStep / trial.config().steps();
        show();
    }

    @Override
    public void step(Trial trial, StepMetrics metrics) {
        atWork.computeIfPresent(trial.hash(), (_, before) -> new AtWork(
                trial, before.firstStep, metrics.step(),
                Double.isNaN(before.loss) ? metrics.trainLoss() : 0.95 * before.loss + 0.05 * metrics.trainLoss()));
        show();
    }

    @Override
    public void finished(Trial trial, Result result) {
        atWork.remove(trial.hash());
        finishedFlops += flops.get(trial.hash());
        done.add(result);
        ended(result);
        show();
    }

    /// The trainings that run.
    final List<AtWork> atWork() {
        return new ArrayList<>(atWork.values());
    }

    /// The results so far.
    final List<Result> done() {
        return done;
    }

    /// `37 of 112 trainings, 41.0 % of 2.10P operations, 93 GFLOP/s, 5 h 12 min left`
    final String whole() {
        double running = atWork.values().stream().mapToDouble(it -> flops.get(it.trial.hash()) * it.share()).sum();
        double now = finishedFlops + running;
        double seconds = (System.nanoTime() - began) * 1e-9;
        double rate = (now - earlierFlops) / seconds;
        String speed = rate > 0
                ? String.format(Locale.ROOT, ", %.3g GFLOP/s, %s left", rate / 1e9, time((plannedFlops - now) / rate)) : "";
        return String.format(Locale.ROOT, "%d of %d trainings, %.1f %% of %s operations%s", done.size(), all,
                100 * (allFlops - plannedFlops + now) / allFlops, Figures.count(allFlops), speed);
    }

    static String time(double seconds) {
        Duration time = Duration.ofSeconds(Math.round(seconds));
        if (time.toHours() > 0) {
            return time.toHours() + " h " + time.toMinutesPart() + " min";
        }
        return time.toMinutes() > 0 ? time.toMinutes() + " min " + time.toSecondsPart() + " s" : time.toSeconds() + " s";
    }

    /// Something changed.
    abstract void show();

    /// A training has ended.
    abstract void ended(Result result);

    @Override
    public void close() {}

    private static final class Silent extends StudyProgress {
        Silent(PrintWriter err) {
            super(err);
        }

        @Override
        void show() {}

        @Override
        void ended(Result result) {}
    }
}
