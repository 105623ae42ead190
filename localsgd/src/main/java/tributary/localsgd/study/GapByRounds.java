package tributary.localsgd.study;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/// The gap to data-parallel training against the rounds of a training, over all sizes and budgets: tells whether it is the size of a
/// model that matters, or how often its replicas have met by the end. With tokens in proportion to parameters the two go together;
/// trainings of other budgets part them.
///
/// @param gaps by place and M, one for each seed that data-parallel training has too, as shares of its loss
record GapByRounds(String family, SortedMap<Place, SortedMap<Integer, List<Double>>> gaps) {
    private static final String REFERENCE = "data-parallel";

    /// @param rounds steps over H, the last one perhaps shorter
    /// @param parameters N
    record Place(int rounds, long parameters, double tokensPerParameter) implements Comparable<Place> {
        private static final Comparator<Place> ORDER = Comparator.comparingInt(Place::rounds).thenComparingLong(Place::parameters)
                .thenComparingDouble(Place::tokensPerParameter);

        @Override
        public int compareTo(Place other) {
            return ORDER.compare(this, other);
        }

        private static Place of(Result result) {
            int steps = Integer.parseInt(result.settings().get("steps"));
            return new Place(Math.ceilDiv(steps, result.localSteps()), result.parameters(), result.tokensPerParameter());
        }
    }

    /// Of every family of local SGD that was trained with several budgets.
    static List<GapByRounds> of(Collection<Result> results) {
        Map<String, List<Result>> families = new LinkedHashMap<>();
        StudyLaws.families(results).forEach((name, members) -> families
                .computeIfAbsent(name.replaceFirst(" tokens-per-parameter \\S+", ""), _ -> new ArrayList<>()).addAll(members));
        Map<List<Object>, Double> reference = new HashMap<>();
        families.values().stream().flatMap(List::stream).filter(result -> result.algorithm().equals(REFERENCE))
                .forEach(result -> reference.putIfAbsent(key(result), result.loss().orElseThrow()));
        List<GapByRounds> tables = new ArrayList<>();
        families.forEach((name, members) -> {
            SortedMap<Place, SortedMap<Integer, List<Double>>> gaps = new TreeMap<>();
            members.stream().filter(result -> result.localSteps() > 1 && reference.containsKey(key(result)))
                    .forEach(result -> gaps.computeIfAbsent(Place.of(result), _ -> new TreeMap<>())
                            .computeIfAbsent(result.replicas(), _ -> new ArrayList<>())
                            .add(result.loss().orElseThrow() / reference.get(key(result)) - 1));
            if (gaps.keySet().stream().map(Place::tokensPerParameter).distinct().count() > 1) {
                tables.add(new GapByRounds(name, gaps));
            }
        });
        return tables;
    }

    private static List<Object> key(Result result) {
        return List.of(result.parameters(), result.tokensPerParameter(), result.settings().get("seed"));
    }
}
