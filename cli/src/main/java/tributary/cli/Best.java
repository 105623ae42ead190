package tributary.cli;

import java.util.Collection;
import java.util.Comparator;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BinaryOperator;
import tributary.localsgd.study.Result;

/// The best results of a study.
final class Best {
    private Best() {}

    /// The lowest loss of each size, by N.
    static Map<Long, Result> of(Collection<Result> results) {
        Map<Long, Result> best = new TreeMap<>();
        results.stream().filter(result -> result.loss().isPresent()).forEach(result -> best.merge(result.parameters(), result,
                BinaryOperator.minBy(Comparator.comparingDouble((Result it) -> it.loss().orElseThrow()))));
        return best;
    }

    /// `diloco M=2 H=30`.
    static String how(Result result) {
        return result.algorithm() + (result.replicas() > 1 || result.localSteps() > 1 ? " M=" + result.replicas() : "")
                + (result.localSteps() > 1 ? " H=" + result.localSteps() : "");
    }
}
