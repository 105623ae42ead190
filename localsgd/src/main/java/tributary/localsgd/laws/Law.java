package tributary.localsgd.laws;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.DoubleSupplier;

/// A scaling law: one formula, one file.
///
/// A law is fitted on the logarithm of the loss, in **coordinates** in which every number makes sense (the logarithm of a
/// factor in place of the factor), and reported in the **coefficients** of its paper, with the paper's letters and signs.
public sealed interface Law
        permits Power, Joint, JointFloor, ExponentFloor, AdditiveFloor, KaplanParameters, KaplanTokens, KaplanCompute, Chinchilla {

    /// Delta of the Huber loss for the laws with a floor: errors of the log-loss beyond it count linearly.
    /// Hoffmann et al. 2022, arXiv:2203.15556, appendix D.
    double HUBER = 1e-3;

    /// Every law.
    static List<Law> all() {
        return List.of(new Power(), new Joint(), new JointFloor(), new ExponentFloor(), new AdditiveFloor(), new KaplanParameters(),
                new KaplanTokens(), new KaplanCompute(), new Chinchilla());
    }

    /// The law of this name, or empty.
    static Optional<Law> named(String name) {
        return all().stream().filter(law -> law.name().equals(name)).findFirst();
    }

    /// In kebab case.
    String name();

    /// In the letters of the coefficients.
    String formula();

    /// The paper.
    String source();

    /// What the loss depends on. The first one is the size by which points are held out.
    List<Quantity> quantities();

    /// The coefficients' names.
    List<String> letters();

    /// The coefficients that say how the loss changes with size: where one of them may be 0, there is no law.
    List<String> trends();

    /// The coefficient below which the loss does not fall, or empty.
    default Optional<String> floor() {
        return Optional.empty();
    }

    /// Errors of the log-loss up to this size count by their square, larger ones linearly.
    default double huber() {
        return floor().isPresent() ? HUBER : Double.POSITIVE_INFINITY;
    }

    /// ln L.
    ///
    /// @param coordinates as many as letters
    /// @param x the quantities, in their order
    /// @param gradient overwritten with the derivative by the coordinates
    double logLoss(double[] coordinates, double[] x, double[] gradient);

    /// The coefficients at these coordinates, in the order of the letters.
    double[] coefficients(double[] coordinates);

    /// The exponent e with which the law depends on N and M through N M^e alone; empty where it does not.
    default OptionalDouble effectiveSize(double[] coordinates) {
        return OptionalDouble.empty();
    }

    /// Coordinates to begin a search with, such that the law goes through one point.
    ///
    /// @param uniform draws from [0, 1)
    double[] start(double loss, double[] x, DoubleSupplier uniform);
}
