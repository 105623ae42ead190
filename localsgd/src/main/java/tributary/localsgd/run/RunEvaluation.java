package tributary.localsgd.run;

import java.util.Optional;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import tributary.autograd.ParameterStore;
import tributary.localsgd.Algorithm;
import tributary.localsgd.Evaluation;
import tributary.localsgd.ThreadPoolGroup;
import tributary.localsgd.cluster.VirtualGroup;
import tributary.model.Gpt;
import tributary.model.data.Windows;
import tributary.tensor.Tensor;

/// The validation loss of a run, of the parameters that it is evaluated on.
final class RunEvaluation {
    private final RunConfig.Evaluated evaluated;
    private final Gpt global;
    private final Algorithm algorithm;
    private final ThreadPoolGroup pool;
    private final Optional<VirtualGroup> virtual;
    private final Evaluation evaluation;
    /// For parameters that are evaluated and not trained from; made when they are needed.
    private Optional<Gpt> aside = Optional.empty();

    RunEvaluation(RunConfig.Evaluated evaluated, Gpt global, Algorithm algorithm, ThreadPoolGroup pool, Optional<VirtualGroup> virtual) {
        this.evaluated = evaluated;
        this.global = global;
        this.algorithm = algorithm;
        this.pool = pool;
        this.virtual = virtual;
        this.evaluation = new Evaluation(pool);
    }

    /// Whether a run that stops in an evaluation finds again, when it goes on, what it was evaluating. Of replicas that have
    /// merged, and of a round that may be rolled back or has a place in virtual time, a checkpoint does not hold enough.
    boolean canBeRepeated() {
        return evaluated == RunConfig.Evaluated.OUTER && virtual.isEmpty() && !pool.guards();
    }

    /// @param mayStart as of [Evaluation#loss]
    double loss(Windows windows, IntPredicate mayStart) {
        Tensor theta = global.parameters().values();
        Tensor outer = algorithm.evaluated(theta);
        if (evaluated == RunConfig.Evaluated.OUTER && outer == theta) {
            return lossOfGlobal(windows, mayStart);
        }
        Gpt other = aside.orElseGet(() -> new Gpt(global.config(), ParameterStore.withoutGradients(global.parameters().layout())));
        aside = Optional.of(other);
        Tensor parameters = other.parameters().values();
        switch (evaluated) {
            case OUTER -> parameters.set(outer);
            case MEAN -> pool.observe(present().toList(), parameters); // takes no virtual time
            case FIRST -> parameters.set(present().findFirst().orElseThrow());
        }
        return evaluation.loss(other, windows, mayStart);
    }

    /// Of the global parameters as they are.
    double lossOfGlobal(Windows windows, IntPredicate mayStart) {
        return evaluation.loss(global, windows, mayStart);
    }

    /// The parameters of the replicas that have taken part in the round.
    private Stream<Tensor> present() {
        return IntStream.range(0, pool.size())
                .filter(m -> virtual.isEmpty() || virtual.get().isPresent(m))
                .mapToObj(m -> pool.replica(m).parameters());
    }
}
