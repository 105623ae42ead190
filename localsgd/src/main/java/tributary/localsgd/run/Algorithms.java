package tributary.localsgd.run;

import java.util.Optional;
import java.util.OptionalInt;
import tributary.autograd.ParameterStore;
import tributary.localsgd.Algorithm;
import tributary.localsgd.AsyncLocalSgd;
import tributary.localsgd.DataParallel;
import tributary.localsgd.DeMo;
import tributary.localsgd.DecoupledDiLoCo;
import tributary.localsgd.DiLoCo;
import tributary.localsgd.FedProx;
import tributary.localsgd.Fragments;
import tributary.localsgd.LocalSgd;
import tributary.localsgd.LocalSteps;
import tributary.localsgd.Lookahead;
import tributary.localsgd.MuLoCo;
import tributary.localsgd.MultiCluster;
import tributary.localsgd.NoLoCo;
import tributary.localsgd.Pace;
import tributary.localsgd.Palsgd;
import tributary.localsgd.PostLocalSgd;
import tributary.localsgd.Scaffold;
import tributary.localsgd.SlowMo;
import tributary.localsgd.SparseLoCo;
import tributary.localsgd.Sparta;
import tributary.localsgd.StreamingDiLoCo;
import tributary.localsgd.cluster.Cluster;
import tributary.localsgd.cluster.OnFailure;
import tributary.localsgd.cluster.ServerMeetings;
import tributary.localsgd.cluster.ServerPost;
import tributary.localsgd.cluster.VirtualClock;
import tributary.localsgd.cluster.Worker;
import tributary.localsgd.codec.Compression;
import tributary.model.optimizer.InnerOptimizer;
import tributary.model.optimizer.Optimizer;
import tributary.model.optimizer.Schedule;

/// Makes the algorithm, the optimizers and the schedules that a configuration asks for.
///
/// @param cluster that the run is on, if it is on one
record Algorithms(RunConfig config, ParameterStore.Layout layout, Optional<Cluster> cluster) {

    Algorithm algorithm() {
        int P = layout.elements();
        return switch (config.algorithm()) {
            case DATA_PARALLEL -> new DataParallel(innerOptimizer(), innerLr(), config.clip());
            case LOCAL_SGD -> new LocalSgd(localSteps());
            case POST_LOCAL_SGD -> new PostLocalSgd(config.dataParallelSteps(), localSteps());
            case DILOCO -> new DiLoCo(config.dataParallelSteps(), localSteps(), outerLr(), outerOptimizer(P));
            case MULOCO -> new MuLoCo(config.dataParallelSteps(), localSteps(), outerLr(), outerOptimizer(P));
            case DEMO -> new DeMo(innerLr(), config.weightDecay(), layout);
            case SLOWMO -> new SlowMo(localSteps(), config.outerLr(), config.outerMomentum(), innerLr(), P);
            case LOOKAHEAD -> new Lookahead(localSteps(), config.outerLr());
            case STREAMING_DILOCO -> new StreamingDiLoCo(
                    config.localSteps(), Fragments.of(layout, config.fragments(), config.fragmentChoice()),
                    config.fragmentOffset().orElse(config.localSteps() / config.fragments()), config.overlap(), config.mixing(), outerLr(),
                    this::outerOptimizer);
            case MULTI_CLUSTER -> new MultiCluster(
                    config.localSteps(), config.clusterSteps(), config.clusters(), config.clusterMean(), outerLr(), outerOptimizer(P));
            case ASYNC_LOCAL_SGD -> new AsyncLocalSgd(
                    pace(), config.localSteps(), config.dynamicSteps(), config.buffer().orElse(config.replicas()), outerLr(),
                    config.outerMomentum(), P);
            case DECOUPLED_DILOCO -> decoupledDiLoCo(P);
            case SPARSELOCO -> new SparseLoCo(localSteps(), config.outerLr(), config.sparseMean());
            case PALSGD -> new Palsgd(
                    config.dataParallelSteps(), localSteps(), config.pullProbability(), config.pullStrength(), outerLr(),
                    outerOptimizer(P), config.seed());
            case NOLOCO -> new NoLoCo(localSteps(), config.outerMomentum(), config.outerLr(), config.gossipPull(), config.seed());
            case SPARTA -> new Sparta(config.share(), config.seed());
            case SCAFFOLD -> new Scaffold(localSteps(), config.outerLr(), P);
            case FEDPROX -> new FedProx(localSteps(), config.proximal());
        };
    }

    Optimizer innerOptimizer() {
        return config.innerOptimizer().over(layout, new InnerOptimizer.Settings(
                config.beta1(), config.beta2(), 1e-8, config.weightDecay(), config.innerMomentum()));
    }

    Schedule innerLr() {
        return schedule(config.schedule(), config.lr(), config.minLr(), config.warmup());
    }

    private Schedule outerLr() {
        return schedule(config.outerSchedule(), config.outerLr(), config.outerLr() / 10, 0);
    }

    private Schedule schedule(RunConfig.ScheduleName name, double lr, double minLr, int warmup) {
        return switch (name) {
            case COSINE -> new Schedule.WarmupCosine(lr, minLr, warmup, config.steps());
            case WSD -> new Schedule.WarmupStableDecay(lr, minLr, warmup, config.steps());
            case CONSTANT -> new Schedule.Constant(lr);
        };
    }

    private Algorithm decoupledDiLoCo(int P) {
        int K = config.quorum().orElse(config.replicas());
        if (cluster.isEmpty()) {
            return new DecoupledDiLoCo(pace(), config.localSteps(), K, milliseconds(config.grace()), outerLr(), outerOptimizer(P));
        }
        return new DecoupledDiLoCo(pace(), () -> new ServerPost(cluster.get(), messageBytes(), denseBytes()), config.localSteps(), K,
                Math.round(config.grace() * 1e9), outerLr(), outerOptimizer(P));
    }

    /// How fast the replicas are against each other; on a cluster where nobody waits, when their steps end there.
    Pace pace() {
        boolean waits = config.algorithm() != AlgorithmName.ASYNC_LOCAL_SGD && config.algorithm() != AlgorithmName.DECOUPLED_DILOCO;
        if (waits || cluster.isEmpty()) {
            return pace(config.stepTimes(), config.replicas());
        }
        Cluster machines = cluster.get();
        if (!config.stepTimes().equals("1")) {
            throw new IllegalArgumentException("step-times " + config.stepTimes()
                    + " have no use on a virtual cluster: its file says how fast workers are; leave them out");
        }
        if (machines.onFailure() instanceof OnFailure.Drop) {
            throw new IllegalArgumentException("on-failure drop has no use in " + Setting.label(config.algorithm())
                    + ": there is no round to drop a worker from, because nobody waits for it; it does its work again and arrives later;"
                    + " leave it out of the cluster file");
        }
        machines.workers().stream().filter(Worker::leaves).findFirst().ifPresent(worker -> {
            throw new IllegalArgumentException("worker " + worker.name() + " leaves for good, and in " + Setting.label(config.algorithm())
                    + " every replica has its share of the steps; let it join again");
        });
        machines.requireWorkers(config.replicas());
        if (config.algorithm() == AlgorithmName.DECOUPLED_DILOCO) {
            return ServerMeetings.restless(machines, config.steps(), config.localSteps());
        }
        return ServerMeetings.pace(machines, config.steps(),
                AsyncLocalSgd.localSteps(ServerMeetings.nominal(machines), config.localSteps(), config.dynamicSteps()),
                messageBytes(), denseBytes());
    }

    /// The clock of a run on a cluster.
    VirtualClock clock(Cluster machines) {
        return config.algorithm() == AlgorithmName.DECOUPLED_DILOCO
                ? new VirtualClock(machines, OptionalInt.of(config.localSteps()))
                : new VirtualClock(machines);
    }

    /// What all parameters are encoded to.
    private long messageBytes() {
        return Compression.parse(config.codec()).codec().bytes(layout.elements());
    }

    private long denseBytes() {
        return (long) Float.BYTES * layout.elements();
    }

    /// @param stepTimes seconds: one number, or one for each replica
    /// @throws IllegalArgumentException where they are neither
    static Pace pace(String stepTimes, int replicas) {
        String[] texts = stepTimes.split(",", -1);
        if (texts.length != 1 && texts.length != replicas) {
            throw new IllegalArgumentException("step-times " + stepTimes + " are " + texts.length + " for " + replicas
                    + " replicas; give one for all or one each");
        }
        long[] durations = new long[replicas];
        for (int m = 0; m < replicas; m++) {
            String text = texts[texts.length == 1 ? 0 : m].strip();
            try {
                durations[m] = milliseconds(Double.parseDouble(text));
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException("step-times: '" + text + "' is not a number of seconds", e);
            }
        }
        return new Pace(durations);
    }

    private static long milliseconds(double seconds) {
        return Math.round(seconds * 1000);
    }

    private Optimizer outerOptimizer(int elements) {
        ParameterStore.Layout flat = ParameterStore.Layout.builder().add("theta", elements).build();
        return config.outerOptimizer().over(flat, config.outerMomentum());
    }

    private LocalSteps localSteps() {
        if (config.qsrAlpha().isEmpty()) {
            return new LocalSteps.Constant(config.localSteps());
        }
        return new LocalSteps.Quadratic(config.localSteps(), config.qsrAlpha().getAsDouble(), innerLr(), config.warmup());
    }
}
