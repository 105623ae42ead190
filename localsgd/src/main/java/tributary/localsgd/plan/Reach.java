package tributary.localsgd.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import tributary.localsgd.laws.Quantity;

/// How far the points of a law reach.
///
/// @param ranges of each quantity that is known of the points
record Reach(Map<Quantity, Range> ranges) {

    record Range(double least, double most) {}

    /// A place outside.
    ///
    /// @param text by how much, for people
    /// @param ratio to the nearest point, in the quantity that is the farthest; more than 1
    record Beyond(String text, double ratio) {
        /// From which ratio on a law is no more than a guess.
        private static final double FAR = 10;

        boolean isFar() {
            return ratio > FAR;
        }
    }

    Reach {
        ranges = new TreeMap<>(ranges);
    }

    /// Empty where the place is among the points.
    ///
    /// @param place quantities that the points do not know of are passed over
    Optional<Beyond> beyond(Map<Quantity, Double> place) {
        List<String> texts = new ArrayList<>();
        double worst = 1;
        for (Map.Entry<Quantity, Range> entry : ranges.entrySet()) {
            Double there = place.get(entry.getKey());
            if (there == null) {
                continue;
            }
            Range range = entry.getValue();
            double ratio = there > range.most ? there / range.most : there < range.least ? range.least / there : 1;
            if (ratio > 1) {
                texts.add(entry.getKey().column() + " " + Quantity.text(there) + " is " + Quantity.text(ratio) + " times "
                        + (there > range.most ? "the most, " + Quantity.text(range.most)
                                : "less than the least, " + Quantity.text(range.least)));
                worst = Math.max(worst, ratio);
            }
        }
        return texts.isEmpty() ? Optional.empty() : Optional.of(new Beyond(String.join("; ", texts), worst));
    }
}
