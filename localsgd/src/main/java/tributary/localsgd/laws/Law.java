package tributary.localsgd.laws;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A scaling law: one formula, one file.
///
/// Each law is a sum of terms, each term a factor times powers of the quantities: the logarithm of a term is linear in the
/// logarithm of the factor and in the exponents. These are the **coordinates** in which a law is fitted, on the logarithm of
/// the value; it is reported in the **coefficients** of its paper, with the paper's letters and signs.
public sealed interface Law permits Product, JointFloor, ExponentFloor, AdditiveFloor, Kaplan, Chinchilla {

    /// Delta of the Huber loss for the laws with a floor: errors of the log-loss beyond it count linearly.
    /// Hoffmann et al. 2022, arXiv:2203.15556, appendix D.
    double HUBER = 1e-3;

    /// Every law.
    static List<Law> all() {
        return List.of(new Power(), new Joint(), new JointFloor(), new ExponentFloor(), new AdditiveFloor(), new LocalSteps(),
                new JointLocalSteps(), new JointTokens(), new KaplanParameters(), new KaplanTokens(), new KaplanCompute(), new Chinchilla(),
                new BestParameters(), new BestTokens(), new LearningRate(), new LearningRateJoint(), new Batch(), new BatchJoint(),
                new OuterLearningRate());
    }

    /// In kebab case.
    String name();

    /// In the letters of the coefficients.
    String formula();

    /// The paper.
    String source();

    /// What the law says. Where it is no loss, the law is one of optima: of the value with the lowest loss.
    default Quantity target() {
        return Quantity.LOSS;
    }

    /// What the value depends on. The first one is the size by which points are held out.
    List<Quantity> quantities();

    /// What a fit finds, in the order of the coordinates.
    List<Coefficient> unknowns();

    /// The logarithm of each term, as the numbers by which the coordinates are multiplied before they are added.
    /// Each term has one factor, with the number 1.
    ///
    /// @param x the quantities, in their order
    double[][] terms(double[] x);

    /// The coefficients' names.
    default List<String> letters() {
        return unknowns().stream().map(Coefficient::letter).toList();
    }

    /// The coefficients at these coordinates, in the order of the letters.
    default double[] coefficients(double[] coordinates) {
        double[] values = coordinates.clone();
        List<Coefficient> unknowns = unknowns();
        for (int i = 0; i < values.length; i++) {
            if (unknowns.get(i).scales()) {
                values[i] = Math.exp(values[i]);
            }
        }
        return values;
    }

    /// The coefficient below which the value does not fall, or empty.
    default Optional<String> floor() {
        return unknowns().stream().filter(unknown -> unknown.kind() == Coefficient.Kind.FLOOR).map(Coefficient::letter).findFirst();
    }

    /// Errors of the logarithm up to this size count by their square, larger ones linearly.
    default double huber() {
        return floor().isPresent() ? HUBER : Double.POSITIVE_INFINITY;
    }

    /// The exponents e with which the law depends on N and on other quantities q through N q^e alone; empty where it does not.
    default Map<Quantity, Double> effectiveSize(double[] coordinates) {
        return Map.of();
    }
}
