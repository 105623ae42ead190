package tributary.localsgd.run;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.IntToDoubleFunction;
import tributary.localsgd.Pace;
import tributary.localsgd.Round;
import tributary.localsgd.StepObserver;
import tributary.localsgd.cluster.VirtualClock;

/// Puts the steps of the replicas, which run apart from each other, into one sequence: a global step is reported when all
/// replicas have done what falls into it, with the mean of those losses in replica order. The last step of a round is held
/// back until the round is over, because it carries the validation loss. Where no replica measured a loss in a step, it is
/// reported with that of the step before.
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

    private final Pace pace;
    private final int tokensPerStep;
    private final IntToDoubleFunction lr;
    private final Optional<VirtualClock> virtualClock;
    private final StopSignal stop;
    private final Sink sink;
    /// Losses of each replica that no report holds yet, the oldest first; NaN for a step without one.
    private final List<Deque<Double>> unreported = new ArrayList<>();
    private final int[] done;
    private Clock clock = new Clock(0, 0);
    private int reported;
    private double loss = Double.NaN;
    private int logged;
    private double loggedAt;
    private double rate;
    private int begun;
    private int stopAt = Integer.MAX_VALUE;
    private Round round = new Round(0, 0, 0);
    private long communicatedBytes;

    /// @param tokensPerStep tokens of a global batch
    /// @param lr the learning rate of a step, counted from 1
    Progress(Pace pace, int tokensPerStep, IntToDoubleFunction lr, Optional<VirtualClock> virtualClock, StopSignal stop,
            Sink sink) {
        this.pace = pace;
        this.tokensPerStep = tokensPerStep;
        this.lr = lr;
        this.virtualClock = virtualClock;
        this.stop = stop;
        this.sink = sink;
        this.done = new int[pace.replicas()];
        for (int m = 0; m < done.length; m++) {
            unreported.add(new ArrayDeque<>());
        }
    }

    /// Training begins, `firstStep` steps having been reported by earlier sessions.
    synchronized void begin(int firstStep, double lastLoss, List<Checkpoint.ReplicaState> replicas, Clock clock) {
        this.clock = clock;
        this.reported = firstStep;
        this.loss = lastLoss;
        this.logged = firstStep;
        this.loggedAt = clock.trainingSeconds();
        this.begun = firstStep;
        for (int m = 0; m < done.length; m++) {
            done[m] = replicas.get(m).step();
            unreported.get(m).addAll(replicas.get(m).unreported());
        }
    }

    /// The replicas begin a round.
    synchronized void beginRound(Round round, long communicatedBytes) {
        this.round = round;
        this.communicatedBytes = communicatedBytes;
    }

    @Override
    public synchronized boolean mayStart(int replica, int step) {
        if (stop.isRequested() && stopAt == Integer.MAX_VALUE) {
            stopAt = begun;
        }
        int globalStep = pace.globalStepOf(replica, step);
        if (globalStep > stopAt) {
            return false;
        }
        begun = Math.max(begun, globalStep);
        return true;
    }

    /// A replica takes no part in the rest of the round: the steps it would have taken have no loss.
    synchronized void dropped(int replica) {
        for (int step = done[replica] + 1; step <= pace.stepsAfter(replica, round); step++) {
            finished(replica, step, Double.NaN);
        }
    }

    @Override
    public void skipped(int replica, int step) {
        finished(replica, step, Double.NaN);
    }

    @Override
    public synchronized void finished(int replica, int step, double loss) {
        unreported.get(replica).addLast(loss);
        done[replica] = step;
        while (reported < round.last() - 1 && isDone(reported + 1)) {
            report(OptionalDouble.empty());
        }
    }

    private boolean isDone(int globalStep) {
        for (int m = 0; m < done.length; m++) {
            if (done[m] < pace.stepsBy(m, globalStep)) {
                return false;
            }
        }
        return true;
    }

    /// Steps reported so far, by this session and earlier ones.
    synchronized int reported() {
        return reported;
    }

    /// The loss of the last step reported, NaN before the first.
    synchronized double lastLoss() {
        return loss;
    }

    /// Losses of a replica that no report holds yet.
    synchronized List<Double> unreported(int replica) {
        return new ArrayList<>(unreported.get(replica));
    }

    /// Reports the last step of the round.
    synchronized void endRound(OptionalDouble valLoss, long communicatedBytes) {
        this.communicatedBytes = communicatedBytes;
        while (reported < round.last()) {
            report(reported == round.last() - 1 ? valLoss : OptionalDouble.empty());
        }
    }

    private void report(OptionalDouble valLoss) {
        double sum = 0;
        int losses = 0;
        List<Double> replicaLosses = new ArrayList<>();
        for (int m = 0; m < done.length; m++) {
            double ownSum = 0;
            int ownLosses = 0;
            for (int step = pace.stepsBy(m, reported); step < pace.stepsBy(m, reported + 1); step++) {
                double measured = unreported.get(m).removeFirst();
                if (!Double.isNaN(measured)) {
                    ownSum += measured;
                    ownLosses++;
                }
            }
            replicaLosses.add(ownLosses == 0 ? Double.NaN : ownSum / ownLosses);
            sum += ownSum;
            losses += ownLosses;
        }
        loss = losses == 0 ? loss : sum / losses;
        reported++;
        OptionalDouble virtualSeconds = virtualClock.isEmpty() ? OptionalDouble.empty()
                : OptionalDouble.of(pace.secondsOf(reported).orElseGet(() -> virtualClock.get().endOf(reported)));
        double now = clock.trainingSeconds();
        boolean line = reported % LOG_EVERY_STEPS == 0 || reported == round.last() && valLoss.isPresent()
                || now - loggedAt >= LOG_EVERY_SECONDS;
        if (line) {
            rate = (reported - logged) * (double) tokensPerStep / Math.max(1e-9, now - loggedAt);
            logged = reported;
            loggedAt = now;
        }
        sink.step(
                new StepMetrics(
                        reported, (long) reported * tokensPerStep, loss, replicaLosses, valLoss, lr.applyAsDouble(reported), rate,
                        reported == round.last() ? round.index() : round.index() - 1, communicatedBytes, virtualSeconds,
                        clock.elapsedSeconds()),
                line);
    }
}
