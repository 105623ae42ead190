package tributary.localsgd.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinTask;
import java.util.function.Function;
import tributary.autograd.ParameterStore;
import tributary.localsgd.Algorithm;
import tributary.localsgd.Desks;
import tributary.localsgd.Fault;
import tributary.localsgd.MultiCluster;
import tributary.localsgd.Objective;
import tributary.localsgd.Pace;
import tributary.localsgd.Replica;
import tributary.localsgd.ReplicaGroup;
import tributary.localsgd.Round;
import tributary.localsgd.RoundFailedException;
import tributary.localsgd.Rounds;
import tributary.localsgd.StoppedException;
import tributary.localsgd.ThreadPoolGroup;
import tributary.localsgd.Tolerance;
import tributary.localsgd.cluster.Cluster;
import tributary.localsgd.cluster.OnFailure;
import tributary.localsgd.cluster.VirtualClock;
import tributary.localsgd.cluster.VirtualGroup;
import tributary.localsgd.codec.Channel;
import tributary.localsgd.codec.Compression;
import tributary.model.Gpt;
import tributary.model.GptConfig;
import tributary.model.NonFiniteException;
import tributary.model.Rehearsal;
import tributary.model.Trainer;
import tributary.model.data.TokenizedCorpus;
import tributary.model.data.Windows;
import tributary.model.format.DurableFile;
import tributary.model.format.HuggingFaceGpt2;
import tributary.model.optimizer.Schedule;
import tributary.model.tokenizer.Tokenizer;
import tributary.tensor.Kernels;
import tributary.tensor.Tensor;

/// One session of a run: everything that is alive while it trains.
final class Training implements AutoCloseable {
    private final RunConfig config;
    private final RunOptions options;
    private final RunFolder folder;
    private final RunListener listener;
    private final RunText text;
    private final Gpt global;
    private final Algorithms algorithms;
    private final Schedule schedule;
    private final Pace pace;
    private final Progress progress;
    private final Algorithm algorithm;
    private final Optional<VirtualClock> virtualClock;
    private final Optional<Desks> desks;
    private final ThreadPoolGroup pool;
    private final Optional<VirtualGroup> virtual;
    private final ReplicaGroup replicas;
    private final RunEvaluation evaluation;
    private final Checkpoint.State resumed;
    private final Clock clock;
    private final MetricsFile metrics;
    private int synchronizedStep;
    private int rounds;
    private double valLoss = Double.NaN;
    private final List<Fault> dropped = new CopyOnWriteArrayList<>(); // replicas report while others are dropped
    /// Where the run stood when the round that is underway began.
    private Optional<Checkpoint.State> begun = Optional.empty();

    /// @param corpus the run's data where they are in memory already; otherwise they are read
    Training(RunConfig config, RunOptions options, RunFolder folder, Optional<TokenizedCorpus> corpus, RunListener listener)
            throws IOException {
        this.config = config;
        this.options = options;
        this.folder = folder;
        this.listener = listener;
        Rehearsal rehearsal = Rehearsal.start();
        Optional<Path> source = config.initFrom().isEmpty() ? Optional.empty()
                : Optional.of(RunFolder.model(Path.of(config.initFrom().get())));
        this.text = RunText.of(config, corpus, source, listener);
        GptConfig shape = text.shape(config);
        this.global = new Gpt(shape, ParameterStore.withoutGradients(Gpt.layout(shape)));
        if (source.isPresent()) {
            requireSame(source.get(), HuggingFaceGpt2.readConfig(source.get()), shape);
            HuggingFaceGpt2.load(source.get(), global.parameters());
        }
        ForkJoinTask<?> drawn = ForkJoinPool.commonPool().submit(() -> { // meanwhile this thread allocates what replicas keep
            if (source.isEmpty()) {
                global.initialize(config.seed());
            }
        });
        Optional<Cluster> cluster = config.cluster()
                .map(file -> ClusterFile.read(Files.exists(folder.cluster()) ? folder.cluster() : Path.of(file)));
        this.algorithms = new Algorithms(config, global.parameters().layout(), cluster);
        this.schedule = algorithms.innerLr();
        this.pace = algorithms.pace();
        cluster.ifPresent(machines -> requireEqualInside(config, machines));
        this.virtualClock = cluster.map(algorithms::clock);
        this.progress = new Progress(
                pace, config.batch() * config.context(), step -> schedule.lr(step - 1), virtualClock, options.stop(), this::report);
        this.algorithm = algorithms.algorithm();
        this.desks = config.replicas() > options.threads()
                ? Optional.of(new Desks(Kernels::simd))
                : Optional.empty();
        this.pool = new ThreadPoolGroup(
                config.replicas(), options.threads(), desks.map(places -> places.backend(options.threads())).orElse(Kernels::simd),
                this::replica, tolerance());
        try {
            this.virtual = cluster.map(machines -> new VirtualGroup(pool, machines, virtualClock.orElseThrow()));
            this.replicas = virtual.isPresent() ? virtual.get() : pool;
            this.evaluation = new RunEvaluation(config.evaluate(), global, algorithm, pool, virtual);
            cluster.ifPresent(machines -> {
                long activations = Footprint.activations(shape, text.batches().rows(0, config.replicas()), options.recompute());
                Footprint needed = Footprint.of(pool.replica(0), algorithm, global.parameters().values(), activations);
                machines.workers().forEach(needed::requireFits);
            });
            drawn.join();
            this.resumed = resume();
            this.clock = new Clock(resumed.elapsedSeconds(), resumed.trainingSeconds());
            if (!options.resume()) {
                config.write(folder.configuration()); // the settings fit the data: from here on the folder holds a run
                if (config.cluster().isPresent()) {
                    DurableFile.writeString(folder.cluster(), Files.readString(Path.of(config.cluster().get())));
                }
            }
            this.metrics = new MetricsFile(folder.metrics(), resumed.step());
        } catch (IOException | RuntimeException e) {
            close(pool, desks);
            throw e;
        }
        rehearsal.end(6.0 * global.parameters().layout().elements() * config.batch() / config.replicas() * config.context());
        progress.begin(resumed.step(), resumed.lastLoss(), resumed.replicas(), clock);
    }

    private static void requireSame(Path source, GptConfig found, GptConfig asked) {
        if (found.layers() != asked.layers() || found.heads() != asked.heads() || found.width() != asked.width()
                || found.vocabulary() != asked.vocabulary() || found.context() != asked.context()) {
            throw new IllegalArgumentException("init-from " + source + " has layers " + found.layers() + ", heads " + found.heads()
                    + ", width "
                    + found.width() + ", context " + found.context() + ", vocabulary " + found.vocabulary() + "; the run has layers "
                    + asked.layers() + ", heads " + asked.heads() + ", width " + asked.width() + ", context " + asked.context()
                    + ", vocabulary " + asked.vocabulary() + "; make them equal");
        }
    }

    private static void requireEqualInside(RunConfig config, Cluster cluster) {
        if (config.clusterMean() == MultiCluster.Inside.GRADIENTS && cluster.onFailure() instanceof OnFailure.Drop) {
            throw new IllegalArgumentException("cluster-mean gradients on a cluster that drops failed workers: who comes back begins at the"
                    + " global parameters and takes the same steps as the others of its cluster, which stand elsewhere;"
                    + " use cluster-mean parameters, or on-failure wait");
        }
    }

    private Replica replica(int index, Kernels kernels) {
        ParameterStore.Layout layout = global.parameters().layout();
        boolean shares = algorithm.sharesParameters();
        ParameterStore own = shares ? new ParameterStore(layout, global.parameters().values()) : new ParameterStore(layout);
        Gpt model = new Gpt(global.config(), own);
        Function<Kernels, Trainer> trainer = share -> new Trainer(
                model, share, text.batches(), index, config.replicas(), config.seed(), options.recompute());
        Objective objective = desks.isPresent() ? desks.get().objective(model, index, trainer) : Objective.of(trainer.apply(kernels));
        Optional<Replica.InnerOpt> innerOpt = shares ? Optional.empty()
                : Optional.of(new Replica.InnerOpt(
                        algorithms.innerOptimizer(), schedule, config.clip(), config.innerState() == RunConfig.InnerState.RESET));
        Compression compression = Compression.parse(config.codec());
        Optional<Channel> channel = compression.equals(Compression.none()) ? Optional.empty()
                : Optional.of(new Channel(compression, layout.elements(), config.seed(), index));
        return new Replica(
                index, objective, innerOpt, new Replica.Equipment(algorithm.memories(), channel, pace),
                virtualClock.map(clock -> clock.over(progress)).orElse(progress));
    }

    private Checkpoint.State resume() throws IOException {
        Optional<Checkpoint> newest = options.resume() ? Checkpoint.newest(folder.checkpoints(), listener::message) : Optional.empty();
        if (newest.isEmpty()) {
            if (options.resume()) {
                listener.message("no whole checkpoint in " + folder.checkpoints() + ": the run starts from its beginning");
            }
            return new Checkpoint.State(
                    0, 0, 0, 0, 0, 0, Double.NaN, text.corpus().hash(), Collections.nCopies(replicas.size(), Checkpoint.ReplicaState.FRESH),
                    virtualClock.map(VirtualClock::state));
        }
        Checkpoint.State state = newest.get().state();
        if (!state.dataHash().equals(text.corpus().hash())) {
            throw new IllegalArgumentException(
                    "resume: the data " + config.data() + " have changed since the run began; restore them, or start a new run");
        }
        if (!Tokenizer.load(newest.get().folder()).sha256().equals(text.tokenizer().sha256())) {
            throw new IllegalArgumentException("resume: the tokenizer " + config.tokenizer()
                    + " has changed since the run began; restore it, or start a new run");
        }
        listener.message("resuming from " + newest.get().folder());
        synchronizedStep = state.synchronizedStep();
        rounds = state.rounds();
        newest.get().read(global, buffers(state.replicas().stream().mapToInt(Checkpoint.ReplicaState::step).toArray()));
        algorithm.resume(rounds);
        pool.each(m -> {
            Checkpoint.ReplicaState own = state.replicas().get(m.index());
            m.resume(own.step(), own.optimizerSteps());
            return m;
        });
        pool.resumeCommunicatedBytes(state.communicatedBytes());
        if (virtualClock.isPresent()) {
            virtualClock.get().resume(state.virtualClock().orElseThrow(), folder.timeline());
        }
        return state;
    }

    /// On a cluster, its file says who fails.
    private Tolerance tolerance() {
        int quorum = config.cluster().isPresent() ? config.replicas() : config.quorum().orElse(config.replicas());
        return new Tolerance(quorum, options.roundLimit());
    }

    /// Everything a checkpoint holds besides the global parameters. Inside a round the replicas' own parameters belong to
    /// it; at its end most algorithms are about to replace them.
    ///
    /// @param steps each replica's own
    private Map<String, Tensor> buffers(int... steps) {
        return pool.state(algorithm, m -> steps[m] > synchronizedStep);
    }

    RunSummary train() throws IOException {
        Tensor theta = global.parameters().values();
        listener.started(config, theta.elements(), resumed.step());
        try {
            if (resumed.step() < resumed.synchronizedStep()) { // stopped in the evaluation at the end of a round
                Round round = new Round(rounds, resumed.step(), resumed.synchronizedStep());
                progress.beginRound(round, replicas.communicatedBytes());
                conclude(round, true, true);
            }
            algorithm.train(theta, replicas, new Rounds(rounds, config.steps(), pool.guarding(algorithm, theta, new AroundRounds())));
        } catch (StoppedException | RoundFailedException e) {
            clock.pause();
            save(pool.rolledBack() ? begun.orElseThrow() : state());
            if (e instanceof RoundFailedException failed) {
                folder.note(failed);
            }
            throw e;
        }
        if (Double.isNaN(valLoss)) { // the run was complete before this session
            Windows all = text.validation();
            valLoss = metrics.lastValLoss().orElseGet(() -> evaluation.lossOfGlobal(all, begun -> mayMeasure(begun, all)));
        }
        long tokens = (long) config.steps() * config.batch() * config.context();
        return new RunSummary(
                config.steps(), tokens, metrics.recentTrainLoss(), valLoss, tokens / clock.trainingSeconds(),
                replicas.communicatedBytes(), clock.elapsedSeconds(), theta.elements(),
                virtualClock.map(VirtualClock::times).orElse(List.of()), options.out());
    }

    private final class AroundRounds implements Rounds.Observer {
        @Override
        public void begins(Round round) {
            virtual.ifPresent(group -> group.begin(round, algorithm, global.parameters().values()));
            progress.beginRound(round, replicas.communicatedBytes());
            if (pool.guards()) {
                begun = Optional.of(state());
            }
        }

        @Override
        public void dropped(Fault fault, int left) {
            dropped.add(fault);
            listener.message(fault + ": dropped from the round of steps " + (fault.round().first() + 1) + " to " + fault.round().last()
                    + ", which goes on with " + left + " of " + replicas.size());
            progress.dropped(fault.replica());
        }

        @Override
        public void finished(Round round) {
            synchronizedStep = round.last();
            rounds = round.index();
            boolean last = round.last() == config.steps();
            if (last) {
                global.parameters().values().set(algorithm.evaluated(global.parameters().values()));
            }
            conclude(round, last || passes(config.evalEvery(), round), last || passes(options.checkpointEvery(), round));
        }

        private static boolean passes(int every, Round round) {
            return round.last() / every > round.first() / every;
        }
    }

    /// What follows when a round's result stands: it is evaluated, reported and saved.
    ///
    /// @throws StoppedException in the evaluation; the round's last step is not reported then, and when the run goes on it
    ///     begins here
    private void conclude(Round round, boolean evaluates, boolean saves) {
        clock.pause();
        boolean last = round.last() == config.steps();
        OptionalDouble measured = OptionalDouble.empty();
        if (evaluates) {
            Windows windows = last ? text.validation() : text.interim();
            measured = OptionalDouble.of(evaluation.loss(windows, begun -> mayMeasure(begun, windows)));
        }
        progress.endRound(measured, replicas.communicatedBytes());
        if (saves) {
            requireFinite(round, measured);
            save(state());
        }
        if (last) {
            valLoss = measured.orElseThrow();
        }
        clock.go();
    }

    private boolean mayMeasure(int begun, Windows windows) {
        listener.evaluating(begun, windows.batches());
        return !(options.stop().isRequested() && evaluation.canBeRepeated());
    }

    private void requireFinite(Round round, OptionalDouble measured) {
        double sum = replicas.kernels().squaredNorm(global.parameters().values());
        if (!Double.isFinite(sum) || measured.isPresent() && !Double.isFinite(measured.getAsDouble())) {
            throw new NonFiniteException("step " + round.last() + ": the parameters are no longer finite");
        }
    }

    private void report(StepMetrics step, boolean logged) {
        boolean merged = !dropped.isEmpty() && step.step() >= dropped.getLast().round().last(); // rounds may end inside a step
        if (logged || merged) {
            metrics.append(step, merged ? dropped : List.of());
        }
        if (merged) {
            dropped.clear();
        }
        listener.step(step);
    }

    private Checkpoint.State state() {
        List<Checkpoint.ReplicaState> states = new ArrayList<>();
        for (int m = 0; m < replicas.size(); m++) {
            Replica replica = pool.replica(m);
            states.add(new Checkpoint.ReplicaState(replica.step(), replica.optimizerSteps(), progress.unreported(m)));
        }
        return new Checkpoint.State(
                synchronizedStep, progress.reported(), rounds, replicas.communicatedBytes(), clock.elapsedSeconds(),
                clock.trainingSeconds(), progress.lastLoss(), text.corpus().hash(), states,
                virtualClock.map(VirtualClock::state));
    }

    private void save(Checkpoint.State state) {
        try {
            if (virtualClock.isPresent()) { // first, so that it never ends before the checkpoint
                virtualClock.get().writeTimeline(folder.timeline(), folder.timelinePicture());
            }
            listener.checkpoint(Checkpoint.write(
                    folder.checkpoints(), state, global, text.tokenizer(),
                    buffers(state.replicas().stream().mapToInt(Checkpoint.ReplicaState::step).toArray())));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        close(pool, desks);
        metrics.close();
    }

    private static void close(ThreadPoolGroup pool, Optional<Desks> desks) {
        pool.close();
        desks.ifPresent(Desks::close);
    }
}
