package tributary.localsgd;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Function;
import tributary.autograd.ParameterStore;
import tributary.localsgd.codec.Channel;
import tributary.localsgd.codec.Compression;
import tributary.model.Gpt;
import tributary.model.GptConfig;
import tributary.model.Trainer;
import tributary.model.data.BatchSource;
import tributary.model.data.StatelessRandom;
import tributary.model.optimizer.Optimizer;
import tributary.model.optimizer.Schedule;
import tributary.tensor.IntTensor;
import tributary.tensor.Kernels;
import tributary.tensor.Tensor;

/// A tiny training set-up to compare algorithms on: a two-layer model that learns random tokens.
final class Lab {
    static final GptConfig SHAPE = new GptConfig(2, 2, 8, 11, 6);
    static final ParameterStore.Layout LAYOUT = Gpt.layout(SHAPE);
    static final int P = LAYOUT.elements();
    static final int BATCH = 4;
    static final long SEED = 7;

    /// Every inner step, as (replica, step), in the order of each replica.
    final List<List<Integer>> steps = new ArrayList<>();
    final List<Round> rounds = new ArrayList<>();
    final Gpt global = Gpt.initialized(SHAPE, SEED);
    /// Of each replica, when the run is over.
    final List<float[]> locals = new ArrayList<>();
    Compression compression = Compression.none();
    Optional<Pace> pace = Optional.empty();
    /// Which of the usual shares of the data a replica gets.
    Function<Integer, Integer> share = m -> m;
    long communicatedBytes;
    /// All of the replicas, unless told otherwise.
    Optional<Tolerance> tolerance = Optional.empty();
    /// What happens to a replica when it begins a step.
    BiConsumer<Integer, Integer> mishap = (_, _) -> {};
    /// Whether replicas forget their moments when they take over global parameters.
    boolean fresh;
    /// Where the replicas work, if not each at a place of its own.
    Optional<Desks> desks = Optional.empty();

    /// Rows of random tokens: a pure function of the step.
    static final class RandomRows implements BatchSource {
        @Override
        public int batch() {
            return BATCH;
        }

        @Override
        public int context() {
            return SHAPE.context();
        }

        @Override
        public void fill(long step, int replica, int replicas, IntTensor ids, IntTensor targets) {
            int T = context();
            for (int row = replica, i = 0; row < BATCH; row += replicas, i++) {
                for (int t = 0; t < T; t++) {
                    ids.array()[i * T + t] = token(step, row, t);
                    targets.array()[i * T + t] = token(step, row, t + 1);
                }
            }
        }

        private static int token(long step, int row, int t) {
            return (int) Math.floorMod(StatelessRandom.bits(step, row, t), (long) SHAPE.vocabulary());
        }
    }

    /// Trains and returns the global parameters.
    float[] train(Algorithm algorithm, Function<ParameterStore.Layout, Optimizer> innerOpt, Schedule schedule, int M, int steps,
            int threads) {
        Tensor theta = global.parameters().values();
        for (int m = 0; m < M; m++) {
            this.steps.add(new ArrayList<>());
        }
        StepObserver observer = new StepObserver() {
            @Override
            public boolean mayStart(int replica, int step) {
                mishap.accept(replica, step);
                return true;
            }

            @Override
            public void finished(int replica, int step, double loss) {
                Lab.this.steps.get(replica).add(step);
            }

            @Override
            public void skipped(int replica, int step) {
                finished(replica, step, Double.NaN);
            }
        };
        try (ThreadPoolGroup group = new ThreadPoolGroup(M, threads, Kernels::simd, (index, kernels) -> {
            ParameterStore own = algorithm.sharesParameters() ? new ParameterStore(LAYOUT, theta) : new ParameterStore(LAYOUT);
            Gpt model = new Gpt(SHAPE, own);
            Function<Kernels, Trainer> trainer = its -> new Trainer(model, its, new RandomRows(), share.apply(index), M, SEED);
            Objective objective = desks.isPresent() ? desks.get().objective(model, share.apply(index), trainer)
                    : Objective.of(trainer.apply(kernels));
            Optional<Replica.InnerOpt> inner = algorithm.sharesParameters()
                    ? Optional.empty()
                    : Optional.of(new Replica.InnerOpt(innerOpt.apply(LAYOUT), schedule, Double.POSITIVE_INFINITY, fresh));
            Optional<Channel> channel = compression.equals(Compression.none()) ? Optional.empty()
                    : Optional.of(new Channel(compression, P, SEED, index));
            Pace pace = this.pace.orElse(Pace.equal(M));
            return new Replica(index, objective, inner, new Replica.Equipment(algorithm.memories(), channel, pace), observer);
        }, tolerance.orElse(Tolerance.none(M)))) {
            algorithm.train(theta, group, new Rounds(0, steps, group.guarding(algorithm, theta, new Rounds.Observer() {
                @Override
                public void finished(Round round) {
                    rounds.add(round);
                }
            })));
            communicatedBytes = group.communicatedBytes();
            group.each(Replica::parameters).forEach(local -> locals.add(local.toArray()));
        }
        return theta.toArray();
    }
}
