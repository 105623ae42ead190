package tributary.localsgd;

import java.util.Comparator;
import java.util.List;
import tributary.tensor.Tensor;

/// The steps at the beginning of a run in which all replicas move together: every step on the mean of their gradients,
/// each with its own inner optimizer, so that parameters and moments stay equal everywhere. Lin et al. 2020,
/// arXiv:1808.07217.
///
/// ```
/// g <- 1/M sum of g_m;   every replica:  theta_m <- InnerOpt(theta_m, clip(g))
/// ```
///
/// A replica that has missed steps, because it failed, takes over the optimizer of one that has not.
///
/// @param steps t', 0 for no such phase
record PrePhase(int steps) {

    PrePhase {
        if (steps < 0) {
            throw new IllegalArgumentException("data-parallel-steps " + steps + " is negative; use 0 for none");
        }
    }

    boolean covers(Round round) {
        return round.first() < steps;
    }

    /// The rounds of a run: one step each at first, then H.
    LocalSteps then(LocalSteps localSteps) {
        return step -> step < steps ? 1 : localSteps.at(step);
    }

    /// How many of the given rounds came after the phase.
    int roundsAfter(int rounds) {
        return Math.max(0, rounds - steps);
    }

    void step(Tensor theta, ReplicaGroup replicas) {
        catchUp(replicas.each(m -> m), replicas);
        List<Message> gradients = replicas.each(m -> {
            m.parameters().set(theta);
            return m.message(m.gradient());
        });
        Tensor g = replicas.mean(gradients);
        replicas.each(m -> m.gradients() == g ? m : m.gradients(g)); // it stands in the first replica's
        replicas.each(m -> {
            m.update();
            return m;
        });
        theta.set(replicas.each(Replica::parameters).getFirst());
    }

    private static void catchUp(List<Replica> present, ReplicaGroup replicas) {
        Replica ahead = present.stream().max(Comparator.comparingInt(Replica::optimizerSteps)).orElseThrow();
        List<Replica> behind = present.stream().filter(m -> m.optimizerSteps() < ahead.optimizerSteps()).toList();
        if (!behind.isEmpty()) {
            long bytes = behind.getFirst().takeOptimizer(ahead);
            behind.stream().skip(1).forEach(m -> m.takeOptimizer(ahead));
            replicas.broadcast(new Message(ahead.index(), ahead.parameters(), bytes), behind.stream().map(Replica::index).toList());
        }
    }
}
