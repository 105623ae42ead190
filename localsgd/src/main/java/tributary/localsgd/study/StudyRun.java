package tributary.localsgd.study;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tributary.localsgd.run.Run;
import tributary.localsgd.run.RunConfig;
import tributary.localsgd.run.RunException;
import tributary.localsgd.run.RunListener;
import tributary.localsgd.run.RunOptions;
import tributary.localsgd.run.RunStopped;
import tributary.localsgd.run.RunSummary;
import tributary.localsgd.run.StepMetrics;
import tributary.localsgd.run.StopSignal;
import tributary.model.Gpt;
import tributary.model.GptConfig;
import tributary.model.NonFiniteException;
import tributary.model.data.Corpus;
import tributary.model.data.DataException;
import tributary.model.data.Document;
import tributary.model.data.Split;
import tributary.model.data.TextSource;
import tributary.model.data.TokenizedCorpus;
import tributary.model.format.DurableFile;
import tributary.model.format.FileTree;
import tributary.model.tokenizer.BpeTrainer;
import tributary.model.tokenizer.Tokenizer;

/// Carries a study out: as many trainings at once as there are cores, each on one thread, all in this process on one text in
/// memory. When fewer are left than cores, they share the cores: each goes on from where it is with more threads, which changes its
/// time and none of its bits.
///
/// It may be killed at any moment. A training whose configuration has a result is skipped; one that was at work goes on from
/// its checkpoint, to the same bits.
public final class StudyRun {
    /// Work between two checkpoints, in floating-point operations: about a minute of a core on a small model.
    private static final double CHECKPOINT_FLOPS = 2e12;
    private static final int STRETCHES = 20;

    private final Study study;
    private final StudyOptions options;
    private final StudyListener listener;
    private final Store store;
    private final TokenizedCorpus text;
    private final Queue<Trial> waiting = new ArrayDeque<>();
    private final Map<Trial, Turn> atWork = new HashMap<>();
    private int left;
    private @Nullable Throwable failure;

    private StudyRun(Study study, StudyOptions options, StudyListener listener, Store store, TokenizedCorpus text) {
        this.study = study;
        this.options = options;
        this.listener = listener;
        this.store = store;
        this.text = text;
    }

    /// Runs what has no result yet.
    ///
    /// @return the results of all trainings of the study, in the order of the file
    /// @throws IllegalArgumentException where the study does not fit its data, or the results in the folder are of other data
    /// @throws RunStopped where it was asked to stop
    /// @throws RunException where it cannot start or go on; the results so far stay
    public static List<Result> run(Study study, StudyOptions options, StudyListener listener) throws RunException {
        try (Store store = Store.open(options.store())) {
            List<Trial> open = study.trials().stream().filter(trial -> store.result(trial.hash()).isEmpty()).toList();
            if (!open.isEmpty()) {
                TokenizedCorpus text = text(study, options.data().orElse(study.data()), store, listener);
                text.remarks().forEach(listener::message);
                new StudyRun(study, options, listener, store, text).train();
            }
            return study.trials().stream().map(trial -> store.result(trial.hash()).orElseThrow()).toList();
        } catch (DataException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        } catch (IOException e) {
            throw new RunException("cannot read or write in " + options.store() + ": " + e.getMessage()
                    + ". Make room or mend the folder's rights, then give the same command again", e);
        }
    }

    /// A tokenizer that is learned is kept beside the results, so that the next session finds it.
    private static TokenizedCorpus text(Study study, String data, Store store, StudyListener listener) throws IOException {
        if (study.vocabulary().isEmpty()) {
            return TokenizedCorpus.open(data, study.tokenizer(), Optional.empty());
        }
        Corpus corpus = TextSource.open(data);
        Path file = store.tokenizer(study);
        if (Files.notExists(file)) {
            listener.message("learning " + study.vocabulary().getAsInt() + " tokens from " + corpus.description());
            Iterable<String> texts = Split.of(corpus).training().documents().stream().map(Document::text).toList();
            DurableFile.writeString(file, new BpeTrainer(study.vocabulary().getAsInt(), 1).train(texts, _ -> {}).json());
        }
        return TokenizedCorpus.of(corpus, Tokenizer.read(file));
    }

    private void train() throws RunException, IOException {
        for (Result result : store.results()) {
            if (!result.corpus().equals(text.hash()) && study.trials().stream().anyMatch(trial -> trial.hash().equals(result.config()))) {
                throw new IllegalArgumentException("study " + options.store() + ": its results are of another text than "
                        + options.data().orElse(study.data()) + " is now (SHA-256 " + result.corpus() + ", not " + text.hash()
                        + "); restore the text, or give another --store");
            }
        }
        List<Trial> plan = new ArrayList<>();
        List<Result> done = new ArrayList<>();
        for (Trial trial : study.inOrder(options.order())) {
            store.result(trial.hash()).ifPresentOrElse(done::add, () -> plan.add(trial));
        }
        for (Trial trial : study.trials()) { // of one that was killed when its result was written
            if (store.result(trial.hash()).isPresent()) {
                FileTree.delete(store.run(trial).resolve("checkpoints"));
            }
        }
        waiting.addAll(plan);
        left = plan.size();
        listener.began(plan, plan.stream().map(this::flops).toList(), done);
        List<Thread> cores = new ArrayList<>();
        for (int core = 0; core < Math.min(options.cores(), plan.size()); core++) {
            cores.add(Thread.ofPlatform().name("study-" + core).start(this::work));
        }
        for (Thread core : cores) {
            join(core);
        }
        switch (failure) {
            case null -> {}
            case RunStopped stopped -> throw new RunStopped(
                    "stopped; what was at work has a checkpoint. The same command goes on from there (" + options.store() + ")");
            case RunException e -> throw e;
            case IOException e -> throw e;
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            default -> throw new IllegalStateException(failure);
        }
    }

    private void join(Thread core) {
        while (core.isAlive()) {
            try {
                core.join();
            } catch (InterruptedException e) {
                options.stop().request();
            }
        }
    }

    private void work() {
        try {
            for (Trial trial = next(); trial != null; trial = next()) {
                train(trial);
            }
        } catch (Throwable e) { // whatever it is, it ends the study and is thrown there
            synchronized (this) {
                if (failure == null || failure instanceof RunStopped) {
                    failure = e;
                }
            }
            options.stop().request();
        }
    }

    /// A stretch of a training on as many threads as are its share.
    ///
    /// @param stop ends it, for good or because its share has grown
    private record Turn(int threads, StopSignal stop) {}

    private synchronized Turn begin(Trial trial) {
        Turn turn = new Turn(share(), options.stop().part());
        atWork.put(trial, turn);
        return turn;
    }

    private synchronized void end(Trial trial) {
        atWork.remove(trial);
        left--;
        int share = share();
        atWork.values().stream().filter(turn -> turn.threads < share).forEach(turn -> turn.stop.request());
    }

    /// The threads of each training, where every core has one.
    private int share() {
        return Math.max(1, options.cores() / Math.max(1, left));
    }

    private synchronized @Nullable Trial next() throws RunStopped {
        if (options.stop().isRequested() && !waiting.isEmpty()) {
            throw new RunStopped("stopped");
        }
        return waiting.poll();
    }

    private void train(Trial trial) throws RunException, IOException {
        Path folder = store.run(trial);
        Result result;
        try {
            RunSummary summary = summary(trial, folder);
            result = result(trial, OptionalDouble.of(summary.valLoss()), Optional.empty(), summary.elapsedSeconds(),
                    summary.communicatedBytes(), curve(folder));
        } catch (RunException e) {
            if (!(e.getCause() instanceof NonFiniteException)) {
                throw e;
            }
            result = result(trial, OptionalDouble.empty(), Optional.of("diverged: " + e.getCause().getMessage()), 0, 0, List.of());
        }
        store.append(result);
        FileTree.delete(folder.resolve("checkpoints"));
        end(trial);
        synchronized (listener) {
            listener.finished(trial, result);
        }
    }

    /// Trains to the end, in as many turns as it takes.
    private RunSummary summary(Trial trial, Path folder) throws RunException {
        int checkpointEvery = (int) Math.clamp(CHECKPOINT_FLOPS * trial.config().steps() / flops(trial), 1, Integer.MAX_VALUE);
        Listening listening = new Listening(trial);
        Turn turn = begin(trial);
        while (true) {
            boolean resumes = Files.exists(folder.resolve("config.yaml"));
            try {
                RunOptions how = new RunOptions(folder, resumes, turn.threads, checkpointEvery, false, turn.stop);
                return Run.train(trial.config(), how, text, listening);
            } catch (RunStopped stopped) {
                if (options.stop().isRequested()) {
                    throw stopped;
                }
                turn = begin(trial);
                listening.message("goes on with " + turn.threads + " threads");
            }
        }
    }

    private final class Listening implements RunListener {
        private final Trial trial;
        private boolean started;

        Listening(Trial trial) {
            this.trial = trial;
        }

        @Override
        public void message(String line) {
            synchronized (listener) {
                listener.message(trial.hash() + ": " + line);
            }
        }

        @Override
        public void started(RunConfig config, long parameters, int firstStep) {
            synchronized (listener) {
                if (!started) {
                    started = true;
                    listener.started(trial, firstStep);
                }
            }
        }

        @Override
        public void step(StepMetrics metrics) {
            synchronized (listener) {
                listener.step(trial, metrics);
            }
        }
    }

    private Result result(Trial trial, OptionalDouble loss, Optional<String> failure, double seconds, long bytes,
            List<Result.Stretch> curve) {
        return new Result(
                trial.hash(), trial.grid(), text.hash(), trial.size().parameters(), Gpt.layout(shape(trial)).elements(),
                trial.tokensPerParameter(), trial.tokens(), flops(trial), text.tokenizer().vocabularySize(),
                trial.rateTimes(), trial.batchTimes(), loss, failure, seconds, bytes,
                trial.config().settings(), curve);
    }

    private GptConfig shape(Trial trial) {
        ModelSize size = trial.size();
        return new GptConfig(size.layers(), size.heads(), size.width(), text.tokenizer().vocabularySize(), trial.config().context());
    }

    /// C.
    private double flops(Trial trial) {
        return (double) shape(trial).trainingFlopsPerToken() * trial.tokens();
    }

    /// Every tenth step is in the metrics whatever the clock says, so that a curve is the same on every machine.
    private static List<Result.Stretch> curve(Path folder) throws IOException {
        List<JsonNode> lines = new ArrayList<>();
        for (String line : Files.readAllLines(folder.resolve("metrics.jsonl"))) {
            try {
                JsonNode json = JsonMapper.shared().readTree(line);
                if (json.path("step").asInt(1) % 10 == 0 && json.has("train_loss")) {
                    lines.add(json);
                }
            } catch (JacksonException torn) {
                break;
            }
        }
        List<Result.Stretch> curve = new ArrayList<>();
        int stretches = Math.min(STRETCHES, lines.size());
        for (int i = 0; i < stretches; i++) {
            List<JsonNode> part = lines.subList(i * lines.size() / stretches, (i + 1) * lines.size() / stretches);
            curve.add(new Result.Stretch(
                    part.getLast().get("tokens").longValue(),
                    part.stream().mapToDouble(line -> line.get("train_loss").doubleValue()).average().orElseThrow()));
        }
        return curve;
    }
}
