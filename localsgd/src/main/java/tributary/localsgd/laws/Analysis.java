package tributary.localsgd.laws;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/// A law as it is asked for: what it needs to know of each training, which trainings become its points, and its fit.
///
/// @param name in kebab case
/// @param laws one, or the two of the best size and data for a compute
public record Analysis(String name, Selection selection, List<Law> laws) {
    /// What is left out and named in an error.
    private static final int NAMED = 3;

    /// How trainings become points.
    public enum Selection {
        /// Each is one.
        EVERY,
        /// Of each sweep the best value is one: [Optima].
        OPTIMA,
        /// Of each size the compute at which it is the best is one: [Envelope].
        ENVELOPE
    }

    /// What came of it.
    ///
    /// @param fits one a law
    /// @param leftOut what became no point: a line each, with the reason
    public record Outcome(List<Fit> fits, List<String> leftOut) {

        /// Why the points cannot say what the coefficients are; empty where they can.
        public Optional<String> objection() {
            return fits.stream().flatMap(fit -> fit.objection().stream()).findFirst();
        }
    }

    /// Every one.
    public static List<Analysis> all() {
        List<Law> best = List.of(new BestParameters(), new BestTokens());
        return Stream.concat(
                Law.all().stream().filter(law -> !best.contains(law)).map(Analysis::new),
                Stream.of(new Analysis("chinchilla-envelope", Selection.ENVELOPE, best),
                        new Analysis("chinchilla-isoflop", Selection.OPTIMA, best)))
                .toList();
    }

    /// The one of this name, or empty.
    public static Optional<Analysis> named(String name) {
        return all().stream().filter(analysis -> analysis.name.equals(name)).findFirst();
    }

    private Analysis(Law law) {
        this(law.name(), law.target() == Quantity.LOSS ? Selection.EVERY : Selection.OPTIMA, List.of(law));
    }

    /// The best value of a quantity that was swept, as the laws of the best have it; empty where the lowest loss is at the end
    /// of the sweep.
    ///
    /// @param losses by the values of the quantity, everything else the same
    public static Optional<Double> best(Quantity swept, Map<Double, Double> losses) {
        return Optima.of(swept, new TreeMap<>(losses));
    }

    /// What must be known of each training, besides its loss.
    public Set<Quantity> needed() {
        Set<Quantity> needed = EnumSet.noneOf(Quantity.class);
        for (Law law : laws) {
            needed.addAll(law.quantities());
            needed.add(law.target());
        }
        needed.remove(Quantity.LOSS);
        return needed;
    }

    private static List<String> shortened(List<String> lines) {
        if (lines.size() <= NAMED) {
            return lines;
        }
        List<String> first = new ArrayList<>(lines.subList(0, NAMED));
        first.add("and " + (lines.size() - NAMED) + " more");
        return first;
    }

    /// Fits the law or laws.
    ///
    /// @param trainings with what is needed, and their losses
    /// @param resamples of the bootstrap
    /// @param seed of the search and of the bootstrap
    /// @throws IllegalArgumentException where there are fewer points than coefficients, or a quantity that never changes
    public Outcome fit(List<Point> trainings, int resamples, long seed) {
        if (trainings.isEmpty()) {
            throw new IllegalArgumentException("there is no training with a loss; " + name + " needs several");
        }
        List<Fit> fits = new ArrayList<>();
        List<String> leftOut = new ArrayList<>();
        Optional<Envelope> envelope = selection == Selection.ENVELOPE ? Optional.of(Envelope.of(trainings)) : Optional.empty();
        envelope.ifPresent(found -> leftOut.addAll(found.leftOut()));
        for (Law law : laws) {
            List<Point> points = switch (selection) {
                case EVERY -> trainings;
                case ENVELOPE -> envelope.orElseThrow().optima().stream()
                        .map(best -> new Point(best.at(), best.at().get(law.target()))).toList();
                case OPTIMA -> {
                    Optima optima = Optima.of(law, trainings);
                    leftOut.addAll(optima.leftOut());
                    yield optima.points();
                }
            };
            try {
                fits.add(Fit.of(law, points, resamples, seed));
            } catch (IllegalArgumentException tooFew) {
                throw leftOut.isEmpty() ? tooFew
                        : new IllegalArgumentException(tooFew.getMessage() + "; left out: " + String.join("; ", shortened(leftOut)),
                                tooFew);
            }
        }
        return new Outcome(fits, leftOut);
    }
}
