package tributary.localsgd.laws;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// **The envelope of training curves**: which size has the lowest loss at each compute.   Hoffmann et al. 2022, arXiv:2203.15556,
/// approach 1
/// The losses of one size at all its computes are its curve, a line in ln C and ln L between them; whatever else differs, the
/// lowest of trainings at the same compute counts. At each of 1,500 computes, evenly apart in ln C, the lowest curve wins.
///
/// Differs from the paper: it fits the 1,500 winners, of which neighbours are the same training. Here all that one size wins is one
/// optimum, at the mean of its ln C and ln D, so that there are as many points as there is evidence; and a size counts only
/// where the curves of both its neighbours reach all of it, so that the smallest and the largest only bound the others.
///
/// @param optima trainings of the best size for their compute
/// @param leftOut a line a size, with the reason
record Envelope(List<Point> optima, List<String> leftOut) {
    private static final int COMPUTES = 1500;

    /// A place on a curve, in logarithms.
    private record Place(double compute, double tokens, double loss) {}

    /// The trainings of one size, by ln C.
    private record Curve(double parameters, TreeMap<Double, Place> places) {

        void add(Point training) {
            double compute = log(Quantity.FLOPS, training);
            places.merge(compute, new Place(compute, log(Quantity.TOKENS, training), Math.log(training.value())),
                    (a, b) -> a.loss <= b.loss ? a : b);
        }

        Optional<Place> at(double compute) {
            Map.Entry<Double, Place> below = places.floorEntry(compute);
            Map.Entry<Double, Place> above = places.ceilingEntry(compute);
            if (below == null || above == null) {
                return Optional.empty();
            }
            double span = above.getKey() - below.getKey();
            double part = span == 0 ? 0 : (compute - below.getKey()) / span;
            Place from = below.getValue();
            Place to = above.getValue();
            return Optional
                    .of(new Place(compute, from.tokens + part * (to.tokens - from.tokens), from.loss + part * (to.loss - from.loss)));
        }

        private static double log(Quantity quantity, Point training) {
            return Math.log(quantity.in(training.at()).orElseThrow());
        }
    }

    static Envelope of(List<Point> trainings) {
        List<Curve> curves = curves(trainings);
        double first = curves.stream().mapToDouble(curve -> curve.places.firstKey()).min().orElseThrow();
        double last = curves.stream().mapToDouble(curve -> curve.places.lastKey()).max().orElseThrow();
        List<List<Place>> won = curves.stream().<List<Place>>map(curve -> new ArrayList<>()).toList();
        for (int i = 0; i < COMPUTES; i++) {
            double compute = first + (last - first) * i / (COMPUTES - 1);
            int winner = -1;
            Place lowest = new Place(compute, 0, Double.POSITIVE_INFINITY);
            for (int k = 0; k < curves.size(); k++) {
                Optional<Place> place = curves.get(k).at(compute);
                if (place.isPresent() && place.get().loss < lowest.loss) {
                    winner = k;
                    lowest = place.get();
                }
            }
            if (winner >= 0) {
                won.get(winner).add(lowest);
            }
        }
        List<Point> optima = new ArrayList<>();
        List<String> leftOut = new ArrayList<>();
        for (int k = 1; k + 1 < curves.size(); k++) {
            Curve before = curves.get(k - 1);
            Curve after = curves.get(k + 1);
            List<Place> places = won.get(k);
            String size = "parameters " + Quantity.text(curves.get(k).parameters) + ": ";
            if (curves.get(k).places.size() == 1) {
                leftOut.add(size + "a loss at one compute only is no curve");
            } else if (places.isEmpty()) {
                leftOut.add(size + "never the best");
            } else if (!places.stream().allMatch(place -> before.at(place.compute).isPresent() && after.at(place.compute).isPresent())) {
                leftOut.add(size + "best where the next smaller or the next larger size has no losses; train that one longer, "
                        + "or keep its earlier losses");
            } else {
                optima.add(new Point(Map.of(
                        Quantity.PARAMETERS, curves.get(k).parameters,
                        Quantity.FLOPS, Math.exp(places.stream().collect(Collectors.averagingDouble(Place::compute))),
                        Quantity.TOKENS, Math.exp(places.stream().collect(Collectors.averagingDouble(Place::tokens)))),
                        Math.exp(places.stream().collect(Collectors.averagingDouble(Place::loss)))));
            }
        }
        return new Envelope(optima, leftOut);
    }

    private static List<Curve> curves(List<Point> trainings) {
        TreeMap<Double, Curve> curves = new TreeMap<>();
        for (Point training : trainings) {
            curves.computeIfAbsent(training.at().get(Quantity.PARAMETERS), size -> new Curve(size, new TreeMap<>())).add(training);
        }
        return List.copyOf(curves.values());
    }
}
