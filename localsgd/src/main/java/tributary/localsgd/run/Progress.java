package tributary.localsgd.run;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.OptionalDouble;
import java.util.function.IntToDoubleFunction;
import tributary.localsgd.StepObserver;

/// Puts the steps of the replicas, which run apart from each other, into one sequence: a step is reported when all
/// replicas have done it, with the mean of their losses in replica order. The last step of a round is held back until the
/// round is over, because it carries the validation loss.
///
/// It also decides where a run stops: at one step for all replicas, the furthest that any of them has begun.
final class Progress implements StepObserver {

    /// Where the sequence goes.
    interface Sink {
        /// @param logged whether the step is one for the metrics file
        void step(StepMetrics metrics, boolean logged);
    }

    private static final int LOG_EVERY_STEPS = 10;
    private static final double LOG_EVERY_SECONDS = 1.0;

    private final int replicas;
    private final int tokensPerStep;
    private final IntToDoubleFunction lr;
    private final StopSignal stop;
    private final Sink sink;
    private final Deque<double[]> pending = new ArrayDeque<>();
    private final int[] done;
    private Clock clock = new Clock(0, 0);
    private int reported;
    private int logged;
    private double loggedAt;
    private double rate;
    private int begun;
    private int stopAt = Integer.MAX_VALUE;
    private int roundEnd;
    private long communicatedBytes;

    /// @param tokensPerStep tokens of a global batch
    /// @param lr the learning rate of a step, counted from 1
    Progress(int replicas, int tokensPerStep, IntToDoubleFunction lr, StopSignal stop, Sink sink) {
        this.replicas = replicas;
        this.tokensPerStep = tokensPerStep;
        this.lr = lr;
        this.stop = stop;
        this.sink = sink;
        this.done = new int[replicas];
    }

    /// Training begins, `firstStep` steps having been done by earlier sessions.
    synchronized void begin(int firstStep, Clock clock) {
        this.clock = clock;
        this.reported = firstStep;
        this.logged = firstStep;
        this.loggedAt = clock.trainingSeconds();
        this.begun = firstStep;
        Arrays.fill(done, firstStep);
    }

    /// The replicas begin a round that ends at step `roundEnd`.
    synchronized void beginRound(int roundEnd, long communicatedBytes) {
        this.roundEnd = roundEnd;
        this.communicatedBytes = communicatedBytes;
    }

    @Override
    public synchronized boolean mayStart(int replica, int step) {
        if (stop.isRequested() && stopAt == Integer.MAX_VALUE) {
            stopAt = begun;
        }
        if (step > stopAt) {
            return false;
        }
        begun = Math.max(begun, step);
        return true;
    }

    @Override
    public synchronized void finished(int replica, int step, double loss) {
        int place = step - reported - 1;
        while (pending.size() <= place) {
            pending.addLast(new double[replicas]);
        }
        pending.stream().skip(place).findFirst().orElseThrow()[replica] = loss;
        done[replica] = step;
        int common = step;
        for (int other : done) {
            common = Math.min(common, other);
        }
        while (reported < Math.min(common, roundEnd - 1)) {
            report(OptionalDouble.empty());
        }
    }

    /// Reports the last step of the round.
    synchronized void endRound(OptionalDouble valLoss, long communicatedBytes) {
        this.communicatedBytes = communicatedBytes;
        while (reported < roundEnd) {
            report(reported == roundEnd - 1 ? valLoss : OptionalDouble.empty());
        }
    }

    private void report(OptionalDouble valLoss) {
        double sum = 0;
        for (double loss : pending.removeFirst()) {
            sum += loss;
        }
        reported++;
        double now = clock.trainingSeconds();
        boolean line = reported % LOG_EVERY_STEPS == 0 || reported == roundEnd && valLoss.isPresent()
                || now - loggedAt >= LOG_EVERY_SECONDS;
        if (line) {
            rate = (reported - logged) * (double) tokensPerStep / Math.max(1e-9, now - loggedAt);
            logged = reported;
            loggedAt = now;
        }
        sink.step(
                new StepMetrics(
                        reported, (long) reported * tokensPerStep, sum / replicas, valLoss, lr.applyAsDouble(reported), rate,
                        communicatedBytes, clock.elapsedSeconds()),
                line);
    }
}
