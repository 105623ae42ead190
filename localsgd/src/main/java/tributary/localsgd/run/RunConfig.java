package tributary.localsgd.run;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import tributary.localsgd.Fragments;
import tributary.localsgd.MultiCluster;
import tributary.localsgd.OuterOptimizer;
import tributary.localsgd.SparseLoCo;
import tributary.localsgd.StreamingDiLoCo;
import tributary.localsgd.codec.Compression;
import tributary.model.data.Order;
import tributary.model.data.Sharding;
import tributary.model.data.TokenizedCorpus;
import tributary.model.format.DurableFile;
import tributary.model.optimizer.InnerOptimizer;

/// All settings that decide what a run computes. Two runs with equal settings end with the same bits, on any number of
/// threads.
///
/// The components of this record are the one list of settings: each with its standard value and a line of help, from
/// which [Setting] makes the keys of the configuration file, the options of the command line and their help. The
/// constructor refuses values that cannot work together, so a `RunConfig` that exists is one that can be run.
///
/// A setting the algorithm has no use for stands at the value that changes nothing: without an outer step, `outerLr` is 1
/// and `outerMomentum` 0. [#toYaml()] leaves such settings out. [AlgorithmName] says which settings an algorithm has.
public record RunConfig(
        @Setting.About(help = "text to learn from: a file, .gz, folder, zip, zip!prefix, or jdk, the sources of the running JDK "
                + "(jdk:java.base/java for another part of them); tokens made by tokenize; several with weights, such as a.txt=0.7,jdk=0.3,"
                + " or one option each",
                standard = "jdk") String data,
        @Setting.About(help = TokenizedCorpus.TOKENIZERS, standard = "char") String tokenizer,
        @Setting.About(help = "how training walks through the data: random or sequential", standard = "random") Order order,
        @Setting.About(help = "which part of the data a replica learns from: iid, all of it, or files, folders or sources of its own",
                standard = "iid") Sharding shards,
        @Setting.About(help = "folder of a model to start from instead of random weights", standard = "") Optional<String> initFrom,

        @Setting.About(help = "transformer blocks", standard = "4") int layers,
        @Setting.About(help = "attention heads of a block", standard = "4") int heads,
        @Setting.About(help = "size of the residual stream, a multiple of heads", standard = "128") int width,
        @Setting.About(help = "longest sequence, in tokens", standard = "64") int context,
        @Setting.About(help = "share of activations dropped in training, 0 for none", standard = "0") double dropout,
        @Setting.About(help = "sequences of one step, over all replicas", standard = "12") int batch,
        @Setting.About(help = "sequences of one step of each replica, instead of batch for all of them together",
                standard = "") OptionalInt replicaBatch,
        @Setting.About(help = "inner steps of the whole run", standard = "2000") int steps,

        @Setting.About(help = "how the replicas train and merge; the command algorithms tells more",
                standard = "diloco") AlgorithmName algorithm,
        @Setting.About(help = "copies of the model that train side by side", standard = "2") int replicas,
        @Setting.About(help = "file of a virtual cluster to train on, with one worker for each replica; none where not given",
                standard = "") Optional<String> cluster,
        @Setting.About(help = "inner steps between two merges, H", standard = "1", special = true) int localSteps,
        @Setting.About(help = "H grows as (qsr-alpha / learning rate)^2 above local-steps, the quadratic rule", standard = "",
                special = true) OptionalDouble qsrAlpha,
        @Setting.About(help = "steps at the beginning in which all replicas move together", standard = "0",
                special = true) int dataParallelSteps,
        @Setting.About(help = "what takes the outer step", standard = "nesterov", special = true) OuterOptimizer outerOptimizer,
        @Setting.About(help = "learning rate of the outer step", standard = "1", special = true) double outerLr,
        @Setting.About(help = "momentum of the outer step", standard = "0", special = true) double outerMomentum,
        @Setting.About(help = "how outer-lr goes on: constant, or down to a tenth without warm-up", standard = "constant",
                special = true) ScheduleName outerSchedule,
        @Setting.About(help = "whether the inner optimizer keeps what it has gathered when a replica takes over global parameters",
                standard = "keep", special = true) InnerState innerState,
        @Setting.About(help = "what a replica's change is sent as: " + Compression.SYNTAX, standard = "fp32", special = true) String codec,
        @Setting.About(help = "parts of the model that are synchronised in turn", standard = "1", special = true) int fragments,
        @Setting.About(help = "which blocks share a fragment", standard = "strided", special = true) Fragments.Choice fragmentChoice,
        @Setting.About(help = "steps between the turns of two fragments, evenly spread where not given; 0 for all at once", standard = "",
                special = true) OptionalInt fragmentOffset,
        @Setting.About(help = "steps from sending a fragment to receiving it, tau", standard = "0", special = true) int overlap,
        @Setting.About(help = "share of its own parameters a replica keeps when a fragment arrives, alpha", standard = "0",
                special = true) double mixing,
        @Setting.About(help = "groups of replicas that are near each other", standard = "1", special = true) int clusters,
        @Setting.About(help = "steps between two averagings inside a cluster; divides local-steps", standard = "1",
                special = true) int clusterSteps,
        @Setting.About(help = "what the replicas of a cluster average: their parameters, or their gradients in every step",
                standard = "parameters", special = true) MultiCluster.Inside clusterMean,
        @Setting.About(help = "virtual seconds of a replica's step: one number, or one each, such as 1,1,2.5", standard = "1",
                special = true) String stepTimes,
        @Setting.About(help = "whether slow replicas take fewer steps before they arrive", standard = "false",
                special = true) boolean dynamicSteps,
        @Setting.About(help = "arrivals between two uses of the outer momentum, as many as replicas where not given; 1 is naive",
                standard = "", special = true) OptionalInt buffer,
        @Setting.About(
                help = "replicas a merge needs, all where not given: a round goes on without replicas that fail while so many are left; "
                        + "decoupled-diloco waits for no more than these",
                standard = "", special = true) OptionalInt quorum,
        @Setting.About(help = "virtual seconds a merge waits for more when the quorum is full", standard = "0",
                special = true) double grace,
        @Setting.About(help = "what the sum of a number is divided by: all replicas, or those that sent it", standard = "all",
                special = true) SparseLoCo.Mean sparseMean,
        @Setting.About(help = "share of steps that are pulls", standard = "0", special = true) double pullProbability,
        @Setting.About(help = "strength of a pull", standard = "1", special = true) double pullStrength,
        @Setting.About(help = "how strongly partners move towards each other, gamma", standard = "0", special = true) double gossipPull,
        @Setting.About(help = "share of the parameters averaged after a step", standard = "1", special = true) double share,
        @Setting.About(help = "strength of the pull back to where the round began, mu", standard = "0", special = true) double proximal,

        @Setting.About(help = "what a replica trains with", standard = "adamw") InnerOptimizer innerOptimizer,
        @Setting.About(help = "momentum of the inner SGD or Muon; 0.9, and 0.95 of Muon, where not given", standard = "0",
                special = true) double innerMomentum,
        @Setting.About(help = "peak inner learning rate", standard = "3e-3") double lr,
        @Setting.About(help = "learning rate at the end; a tenth of lr where only lr is given", standard = "3e-4") double minLr,
        @Setting.About(help = "steps over which the learning rate rises to lr; at most a twentieth of steps where only steps is given",
                standard = "100") int warmup,
        @Setting.About(help = "cosine, wsd (warm-up, stable, decay) or constant", standard = "cosine") ScheduleName schedule,
        @Setting.About(help = "decoupled decay of the weight matrices", standard = "0.1") double weightDecay,
        @Setting.About(help = "AdamW's decay of the mean of the gradients", standard = "0.9") double beta1,
        @Setting.About(help = "AdamW's decay of the mean of their squares", standard = "0.99") double beta2,
        @Setting.About(help = "largest norm of a gradient, infinity for no limit", standard = "1.0") double clip,
        @Setting.About(help = "all randomness comes from this number", standard = "1") long seed,
        @Setting.About(help = "steps between two evaluations; there is always one at the end", standard = "250") int evalEvery,
        @Setting.About(help = "tokens of validation text measured at the end, spread evenly; all where not given",
                standard = "") OptionalInt evalTokens,
        @Setting.About(
                help = "what the validation loss is measured on: outer, the global parameters, which are also what is kept; the mean "
                        + "of all replicas' own parameters; or those of the first",
                standard = "outer") Evaluated evaluate) {

    /// `outer`, `mean`, `first`.
    public enum Evaluated { OUTER, MEAN, FIRST }

    /// `keep`, `reset`.
    public enum InnerState { KEEP, RESET }

    /// `cosine`, `wsd` (warm-up, stable, decay), `constant`.
    public enum ScheduleName { COSINE, WSD, CONSTANT }

    /// Refuses what cannot be run.
    ///
    /// @throws IllegalArgumentException naming the setting, its value and what to do
    public RunConfig {
        Check.that(!data.isBlank(), "data is empty; name a file, a folder or jdk");
        Check.that(TokenizedCorpus.isKnown(tokenizer), "tokenizer %s is not known; use %s", tokenizer, TokenizedCorpus.TOKENIZERS);
        Check.that(initFrom.isEmpty() || !initFrom.get().isBlank(), "init-from is empty; name the folder of a model, or leave it out");
        Check.that(cluster.isEmpty() || !cluster.get().isBlank(), "cluster is empty; name a cluster file, or leave it out");

        Check.positive("layers", layers);
        Check.positive("heads", heads);
        Check.positive("width", width);
        Check.positive("context", context);
        Check.that(replicaBatch.orElse(1) >= 1, "replica-batch %d is not positive; use 1 or more", replicaBatch.orElse(1));
        Check.positive("batch", batch);
        Check.positive("steps", steps);
        Check.positive("replicas", replicas);
        Check.positive("local-steps", localSteps);
        Check.positive("eval-every", evalEvery);
        Check.positive("eval-tokens", evalTokens.orElse(1));
        Check.that(width % heads == 0, "width %d is not divisible by heads %d; use a width of %d or other heads", width,
                heads, width / heads * heads + heads);
        Check.that(dropout >= 0 && dropout < 1, "dropout %s is not in [0, 1); use 0 for none", dropout);

        Check.that(replicas <= batch, "replicas %d are more than the %d sequences of a batch; use at most %d replicas or a larger batch",
                replicas, batch, batch);
        Check.that(batch % replicas == 0, "batch %d is not divisible by replicas %d; use a batch of %d", batch, replicas,
                batch / replicas * replicas + replicas);
        Check.that(replicaBatch.isEmpty() || (long) replicaBatch.getAsInt() * replicas == batch,
                "replica-batch %d of replicas %d is not batch %d; give one of the two", replicaBatch.orElse(0), replicas, batch);
        Check.that(qsrAlpha.isEmpty() || qsrAlpha.getAsDouble() > 0 && Double.isFinite(qsrAlpha.getAsDouble()),
                "qsr-alpha %s is not positive; lr times the square root of local-steps is where H begins to grow",
                qsrAlpha.orElse(0));
        Check.that(dataParallelSteps >= 0, "data-parallel-steps %d is negative; use 0 for none", dataParallelSteps);
        Compression.parse(codec);
        Check.that(fragments <= layers, "fragments %d are more than the %d layers; use at most %d", fragments, layers, layers);
        Check.that(algorithm != AlgorithmName.STREAMING_DILOCO || outerOptimizer != OuterOptimizer.SCHEDULE_FREE,
                "outer-optimizer schedule-free ends with an average that fragments do not have; use another in streaming-diloco");
        StreamingDiLoCo.check(localSteps, fragments, fragmentOffset.orElse(localSteps / Math.max(1, fragments)), overlap, mixing);
        Check.that(clusters >= 1 && replicas % clusters == 0, "clusters %d do not divide replicas %d", clusters, replicas);
        MultiCluster.check(localSteps, clusterSteps, clusterMean);
        Algorithms.pace(stepTimes, replicas);
        Check.that(buffer.orElse(1) >= 1, "buffer %d is not positive; 1 takes a whole outer step at every arrival", buffer.orElse(1));
        Check.that(quorum.orElse(1) >= 1 && quorum.orElse(1) <= replicas, "quorum %d is not between 1 and replicas %d",
                quorum.orElse(1), replicas);
        Check.that(cluster.isEmpty() || quorum.isEmpty() || quorum.getAsInt() == replicas || algorithm == AlgorithmName.DECOUPLED_DILOCO,
                "quorum %d on a virtual cluster: its file says whom a round does without (on-failure, quorum); leave it out",
                quorum.orElse(replicas));
        Check.that(grace >= 0 && grace <= 1e8, "grace %s is not between 0 and 100000000 seconds", grace);
        Check.that(pullProbability >= 0 && pullProbability < 1, "pull-probability %s is not in [0, 1); 0.2 is customary", pullProbability);
        Check.that(pullStrength >= 0 && Double.isFinite(pullStrength), "pull-strength %s is negative or not a number; 1 is customary",
                pullStrength);
        Check.that(gossipPull >= 0 && gossipPull <= 2, "gossip-pull %s is not in [0, 2]; 0.7 is customary", gossipPull);
        Check.that(share > 0 && share <= 1, "share %s is not in (0, 1]; 0.005 is customary", share);
        Check.that(proximal >= 0 && Double.isFinite(proximal), "proximal %s is negative or not a number; 0.01 is customary", proximal);
        Check.that(outerLr > 0 && Double.isFinite(outerLr), "outer-lr %s is not positive; 0.4 to 1 is customary", outerLr);
        Check.that(outerMomentum >= 0 && outerMomentum < 1, "outer-momentum %s is not in [0, 1); use 0 for none", outerMomentum);

        Check.that(innerMomentum >= 0 && innerMomentum < 1, "inner-momentum %s is not in [0, 1); 0.9 is customary", innerMomentum);
        Check.that(innerMomentum > 0 || !innerOptimizer.settings().contains(Setting.INNER_MOMENTUM) || algorithm == AlgorithmName.DEMO,
                "inner-momentum 0 makes %s plain sgd; use inner-optimizer sgd", Setting.label(innerOptimizer));
        Check.that(lr > 0 && Double.isFinite(lr), "lr %s is not positive; 3e-3 suits small models", lr);
        Check.that(minLr >= 0 && minLr <= lr, "min-lr %s is not between 0 and lr %s; a tenth of lr is customary", minLr, lr);
        Check.that(warmup >= 0 && warmup <= steps,
                "warmup %d is not between 0 and steps %d; a twentieth of the steps is customary", warmup, steps);
        Check.that(weightDecay >= 0 && Double.isFinite(weightDecay), "weight-decay %s is negative or not a number; use 0 for none",
                weightDecay);
        Check.that(beta1 >= 0 && beta1 < 1, "beta1 %s is not in [0, 1); 0.9 is customary", beta1);
        Check.that(beta2 >= 0 && beta2 < 1, "beta2 %s is not in [0, 1); 0.99 is customary", beta2);
        Check.that(clip > 0, "clip %s is not positive; use infinity for no limit", clip);
    }

    /// The standard run: DiLoCo with two replicas on the sources of the running JDK.
    public static RunConfig standard() {
        return of(Map.of());
    }

    /// The standard settings with some of them replaced.
    ///
    /// @param given values by setting name, such as `outer-lr`, as numbers or as text
    /// @throws IllegalArgumentException for an unknown name, a value that is not of its setting's kind, a setting the
    ///         chosen algorithm would ignore, and values that cannot work together
    public static RunConfig of(Map<String, ?> given) {
        return Setting.resolve(given);
    }

    /// The configuration of a file, over the standard settings.
    ///
    /// @throws IllegalArgumentException as [ConfigFile#read] and [#of]
    public static RunConfig read(Path file) {
        Map<String, String> given = ConfigFile.read(file);
        try {
            return of(given);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
        }
    }

    /// Writes [#toYaml()] to a file, whole or not at all.
    public void write(Path file) throws IOException {
        DurableFile.writeString(file, toYaml());
    }

    /// The settings the algorithm looks at, by name, as people write them: the input of [#of] that gives this configuration.
    public Map<String, String> settings() {
        Map<String, String> settings = new LinkedHashMap<>();
        for (Setting setting : Setting.all()) {
            String value = setting.valueIn(this);
            if (setting.isUsedBy(algorithm, innerOptimizer, outerOptimizer) && !value.isEmpty()) {
                settings.put(setting.name(), value);
            }
        }
        return settings;
    }

    /// The settings as a configuration file that [#read] turns into an equal configuration.
    public String toYaml() {
        return ConfigFile.write(settings());
    }

    /// What this configuration has that another has not, for people: `lr 0.001 (not 0.003)`. Empty where they are equal.
    public List<String> differences(RunConfig other) {
        return Setting.all().stream()
                .filter(setting -> !setting.valueIn(this).equals(setting.valueIn(other)))
                .map(setting -> setting.name() + " " + orNone(setting.valueIn(this)) + " (not " + orNone(setting.valueIn(other)) + ")")
                .toList();
    }

    private static String orNone(String value) {
        return value.isEmpty() ? "none" : value;
    }

    private static final class Check {
        static void that(boolean holds, String message, Object... facts) {
            if (!holds) {
                throw new IllegalArgumentException(message.formatted(facts));
            }
        }

        static void positive(String name, int value) {
            that(value >= 1, "%s %d is not positive; use 1 or more", name, value);
        }
    }
}
