package tributary.localsgd.report;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import tributary.localsgd.report.Training.Arm;

/// The trainings of a study that can be compared: those with a loss, of the budget that most have, at the learning rate and
/// batch of the study's rule, one [Cell] for each arm and size.
///
/// Where outer rates were swept, the best one counts, of those that every size and arm of the algorithm was trained with: a
/// best of five beside a best of one would be luck. Where there is no such rate, it is the best of all.
///
/// @param budget tokens a parameter
/// @param compared every training of that budget and rule, at any outer rate
/// @param cells by arm, data parallelism first, and size
record Cells(double budget, List<Training> compared, List<Cell> cells) {
    private static final Comparator<Cell> ORDER = Comparator.comparing(Cell::arm, Arm.ORDER).thenComparing(Cell::N);

    private record Place(Arm arm, double N) {}

    /// Arms that differ in M and H alone.
    record Family(String algorithm, String codec) {
        static Family of(Arm arm) {
            return new Family(arm.algorithm(), arm.codec());
        }

        String text() {
            return algorithm + (codec.equals("fp32") ? "" : " " + codec);
        }

        /// As a part of a figure's id.
        String id() {
            return text().replaceAll("[^a-z0-9]+", "-").replaceAll("^-|-$", "");
        }
    }

    static Cells of(List<Training> trainings) {
        List<Training> measured = trainings.stream().filter(training -> training.loss().isPresent()).toList();
        double budget = usual(measured);
        List<Training> compared = measured.stream().filter(training -> training.budget() == budget && training.onRule()).toList();
        Map<Place, Map<OptionalDouble, List<Training>>> places = new LinkedHashMap<>();
        by(compared, training -> new Place(training.arm(), training.N()))
                .forEach((place, own) -> places.put(place, by(own, Training::outerRate)));
        Map<Family, Set<OptionalDouble>> common = new HashMap<>();
        places.forEach((place, rates) -> common.computeIfAbsent(Family.of(place.arm()), _ -> Set.copyOf(rates.keySet())));
        places.forEach((place, rates) -> common.computeIfPresent(Family.of(place.arm()),
                (_, so) -> so.stream().filter(rates::containsKey).collect(Collectors.toSet())));
        List<Cell> cells = new ArrayList<>();
        places.forEach((place, rates) -> {
            Set<OptionalDouble> fair = common.get(Family.of(place.arm()));
            rates.entrySet().stream().filter(rate -> fair.isEmpty() || fair.contains(rate.getKey()))
                    .map(rate -> Cell.of(rate.getValue())).min(Comparator.comparingDouble(Cell::loss)).ifPresent(cells::add);
        });
        cells.sort(ORDER);
        return new Cells(budget, compared, List.copyOf(cells));
    }

    /// The budget of most trainings.
    private static double usual(List<Training> trainings) {
        return trainings.stream().collect(Collectors.groupingBy(Training::budget, TreeMap::new, Collectors.counting())).entrySet().stream()
                .max(Map.Entry.<Double, Long>comparingByValue().thenComparing(Map.Entry.comparingByKey(Comparator.reverseOrder())))
                .map(Map.Entry::getKey).orElse(0.0);
    }

    static <K, T> Map<K, List<T>> by(Collection<T> all, Function<T, K> key) {
        return all.stream().collect(Collectors.groupingBy(key, LinkedHashMap::new, Collectors.toList()));
    }

    Map<Arm, List<Cell>> byArm() {
        return by(cells, Cell::arm);
    }

    /// Of data parallelism, by size.
    List<Cell> references() {
        return cells.stream().filter(cell -> cell.arm().isReference()).toList();
    }

    /// Of data parallelism at a size.
    Optional<Cell> reference(double N) {
        return references().stream().filter(cell -> cell.N() == N).findFirst();
    }

    /// Of local steps.
    Map<Family, List<Cell>> families() {
        return by(cells.stream().filter(cell -> !cell.arm().isReference()).toList(), cell -> Family.of(cell.arm()));
    }

    /// The outer rates that are compared, for people; empty where there is none.
    String rates() {
        Set<Double> rates = new TreeSet<>();
        cells.forEach(cell -> cell.outerRate().ifPresent(rates::add));
        return rates.isEmpty() ? "" : rates.size() == 1 ? " at outer rate " + Written.number(rates.iterator().next(), 3)
                : " at the best outer rate of each";
    }
}
