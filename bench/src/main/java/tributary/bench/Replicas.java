package tributary.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import tributary.autograd.ParameterStore;
import tributary.localsgd.DiLoCo;
import tributary.localsgd.LocalSteps;
import tributary.localsgd.Objective;
import tributary.localsgd.Replica;
import tributary.localsgd.Round;
import tributary.localsgd.Rounds;
import tributary.localsgd.StepObserver;
import tributary.localsgd.ThreadPoolGroup;
import tributary.model.Gpt;
import tributary.model.Trainer;
import tributary.model.optimizer.Schedule;
import tributary.model.optimizer.Sgd;
import tributary.tensor.Kernels;
import tributary.tensor.Tensor;

/// DiLoCo on M replicas that share the threads: what a round costs, and which share of it is not training.
///
/// @param count M
/// @param threads of all replicas together
record Replicas(int count, int threads) implements Contender {
    private static final double OUTER_LR = 0.4;
    private static final double OUTER_MOMENTUM = 0.9;

    @Override
    public String description() {
        return "DiLoCo, " + count + (count == 1 ? " replica, " : " replicas, ") + threads + (threads == 1 ? " thread" : " threads");
    }

    @Override
    public Work prepare(Workload workload) {
        if (workload instanceof Workload.LocalSteps round) {
            return new RoundWork(round);
        }
        throw Contender.lacks("a group of replicas", workload);
    }

    @Override
    public void close() {}

    /// One round after the other. Its result is the median over all rounds of the share that is synchronisation: from the
    /// round's beginning until the last replica starts its first step, and from the end of the last replica's last step until
    /// theta is ready.
    private final class RoundWork implements Work {
        private final DiLoCo diLoCo;
        private final ThreadPoolGroup group;
        private final Tensor theta;
        private final Workload.LocalSteps workload;
        private final Times times = new Times();
        private int done;

        RoundWork(Workload.LocalSteps workload) {
            this.workload = workload;
            Gpt global = Gpt.initialized(workload.step().config(), Workload.TrainingStep.SEED);
            theta = global.parameters().values();
            diLoCo = new DiLoCo(
                    0, new LocalSteps.Constant(workload.count()), new Schedule.Constant(OUTER_LR),
                    new Sgd(theta.elements(), OUTER_MOMENTUM, true));
            group = new ThreadPoolGroup(count, threads, Kernels::simd, this::replica);
        }

        private Replica replica(int index, Kernels kernels) {
            Gpt model = new Gpt(workload.step().config(), new ParameterStore(Gpt.layout(workload.step().config())));
            Trainer trainer = new Trainer(
                    model, kernels, new Tributary.OneBatch(workload.step()), index, count, Workload.TrainingStep.SEED);
            Replica.InnerOpt inner = new Replica.InnerOpt(
                    Tributary.adamW(model), new Schedule.Constant(Workload.TrainingStep.LR), Workload.TrainingStep.CLIP);
            return new Replica(index, Objective.of(trainer), Optional.of(inner), Replica.Equipment.plain(count), times);
        }

        @Override
        public void run() {
            diLoCo.train(theta, group, new Rounds(done, (done + 1) * workload.count(), times));
            done++;
        }

        @Override
        public float[] result() {
            return new float[] {(float) Race.median(times.shares)};
        }
    }

    private final class Times implements StepObserver, Rounds.Observer {
        private final long[] starts = new long[count];
        private final long[] ends = new long[count];
        private final List<Double> shares = new ArrayList<>();
        private int firstStep;
        private long begin;

        @Override
        public void begins(Round round) {
            firstStep = round.first() + 1;
            begin = System.nanoTime();
        }

        @Override
        public boolean mayStart(int replica, int step) {
            if (step == firstStep) {
                starts[replica] = System.nanoTime();
            }
            return true;
        }

        @Override
        public void finished(int replica, int step, double loss) {
            ends[replica] = System.nanoTime();
        }

        @Override
        public void finished(Round round) {
            long training = Arrays.stream(ends).max().orElseThrow() - Arrays.stream(starts).max().orElseThrow();
            shares.add(1 - (double) training / (System.nanoTime() - begin));
        }
    }
}
