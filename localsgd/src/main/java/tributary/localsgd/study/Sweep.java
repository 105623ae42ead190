package tributary.localsgd.study;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;

/// Trainings that differ in one thing alone, besides what follows from it.
///
/// @param first one of them, for what they have in common
/// @param seeds how many each loss is the mean of: those that all of them have
/// @param losses by the value of what differs
record Sweep(Result first, int seeds, TreeMap<Double, Double> losses) {
    private static final int LEAST = 3;

    /// What trainings of a study may differ in on purpose.
    enum Axis {
        OUTER_RATE("outer learning rate", Set.of("outer-lr"),
                result -> Double.parseDouble(result.settings().getOrDefault("outer-lr", "0"))), LOCAL_STEPS("local steps H",
                        Set.of("local-steps"), Result::localSteps), RATE("learning rate, times its rule", Set.of("lr", "min-lr"),
                                Result::rateTimes), BATCH("batch, times its rule", Set.of("batch", "steps", "warmup", "eval-every"),
                                        Result::batchTimes), BUDGET("tokens a parameter", Set.of("steps", "warmup", "eval-every"),
                                                Result::tokensPerParameter);

        private final String title;
        private final Set<String> settings;
        private final ToDoubleFunction<Result> value;

        Axis(String title, Set<String> settings, ToDoubleFunction<Result> value) {
            this.title = title;
            this.settings = settings;
            this.value = value;
        }

        String title() {
            return title;
        }
    }

    /// All sweeps of at least three values, in the order of their first trainings.
    static List<Sweep> of(Axis axis, Collection<Result> results) {
        Map<List<Object>, List<Result>> alike = new LinkedHashMap<>();
        for (Result result : results) {
            if (result.loss().isPresent()) {
                alike.computeIfAbsent(common(axis, result), _ -> new ArrayList<>()).add(result);
            }
        }
        List<Sweep> sweeps = new ArrayList<>();
        for (List<Result> members : alike.values()) {
            TreeMap<Double, Map<String, Double>> bySeed = new TreeMap<>();
            for (Result result : members) {
                bySeed.computeIfAbsent(axis.value.applyAsDouble(result), _ -> new TreeMap<>())
                        .put(result.settings().get("seed"), result.loss().orElseThrow());
            }
            Set<String> seeds = new HashSet<>(bySeed.firstEntry().getValue().keySet());
            bySeed.values().forEach(losses -> seeds.retainAll(losses.keySet()));
            if (bySeed.size() >= LEAST && !seeds.isEmpty()) {
                TreeMap<Double, Double> losses = new TreeMap<>();
                bySeed.forEach((value, own) -> losses.put(value, seeds.stream().mapToDouble(own::get).average().orElseThrow()));
                sweeps.add(new Sweep(members.getFirst(), seeds.size(), losses));
            }
        }
        return sweeps;
    }

    private static List<Object> common(Axis axis, Result result) {
        Map<String, String> settings = result.allSettings();
        settings.keySet().removeAll(axis.settings);
        settings.remove("seed");
        List<Object> common = new ArrayList<>(List.of(settings));
        for (Axis other : List.of(Axis.RATE, Axis.BATCH, Axis.BUDGET)) {
            common.add(other == axis ? "" : other.value.applyAsDouble(result));
        }
        return common;
    }
}
