package tributary.localsgd.study;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// A way of training, and what came of it with one seed after the other.
///
/// @param grids the grids that have a seed of it
/// @param parameters N
/// @param tokensPerParameter what the budget was asked to be, as a multiple of N
/// @param settings of the runs, without the seed
/// @param losses by seed; those that diverged have none
/// @param diverged how many did
public record Arm(
        List<String> grids, long parameters, double tokensPerParameter, Map<String, String> settings, Map<Long, Double> losses,
        int diverged) {

    private static final String SEED = "seed";
    /// What follows from the learning rate and the steps.
    private static final Set<String> FOLLOW = Set.of("min-lr", "warmup", "eval-every");

    /// A mean over seeds.
    ///
    /// @param error the standard error of the mean, s / sqrt(n) with n - 1 under the squares of s; empty for one seed
    /// @param seeds n
    public record Estimate(double mean, OptionalDouble error, int seeds) {

        private static Optional<Estimate> of(Collection<Double> values) {
            int n = values.size();
            if (n == 0) {
                return Optional.empty();
            }
            double mean = values.stream().mapToDouble(it -> it).average().orElseThrow();
            double squares = values.stream().mapToDouble(value -> (value - mean) * (value - mean)).sum();
            return Optional
                    .of(new Estimate(mean, n == 1 ? OptionalDouble.empty() : OptionalDouble.of(Math.sqrt(squares / (n - 1) / n)), n));
        }
    }

    public Arm {
        grids = List.copyOf(grids);
        settings = Map.copyOf(settings);
        losses = new TreeMap<>(losses);
    }

    /// Results that differ in nothing but the seed are one arm; in the order of the first of each.
    public static List<Arm> of(Collection<Result> results) {
        Map<Map<String, String>, List<Result>> alike = new LinkedHashMap<>();
        for (Result result : results) {
            Map<String, String> settings = result.allSettings();
            settings.remove(SEED);
            alike.computeIfAbsent(settings, _ -> new ArrayList<>()).add(result);
        }
        List<Arm> arms = new ArrayList<>();
        alike.forEach((settings, seeds) -> {
            Map<Long, Double> losses = new TreeMap<>();
            seeds.forEach(result -> result.loss().ifPresent(loss -> losses.put(Long.parseLong(result.settings().get(SEED)), loss)));
            Result first = seeds.getFirst();
            arms.add(new Arm(seeds.stream().map(Result::grid).distinct().toList(), first.parameters(), first.tokensPerParameter(), settings,
                    losses, seeds.size() - losses.size()));
        });
        return arms;
    }

    /// The names of the settings that tell some of these arms from others. One that an algorithm has and another has not does not:
    /// the algorithm tells these. Nor do those that follow from one that tells.
    public static List<String> telling(Collection<Arm> arms) {
        Set<String> names = new TreeSet<>();
        for (Arm arm : arms) {
            names.addAll(arm.settings.keySet());
        }
        names.removeIf(name -> !tells(name, arms));
        if (names.contains("lr") || names.contains("steps")) {
            names.removeAll(FOLLOW);
        }
        return List.copyOf(names);
    }

    private static boolean tells(String name, Collection<Arm> arms) {
        Set<String> values = new HashSet<>();
        Map<String, Set<Boolean>> having = new HashMap<>();
        for (Arm arm : arms) {
            String value = arm.settings.get(name);
            if (value != null) {
                values.add(value);
            }
            having.computeIfAbsent(arm.settings.getOrDefault("algorithm", ""), _ -> new HashSet<>()).add(value != null);
        }
        return values.size() > 1 || having.values().stream().anyMatch(both -> both.size() > 1);
    }

    /// The mean loss; empty where all diverged.
    public Optional<Estimate> loss() {
        return Estimate.of(losses.values());
    }

    /// Of the arms of a grid those with this one's size and budget, and of these the one with the lowest mean loss; empty where
    /// none has one.
    public Optional<Arm> reference(Collection<Arm> arms, String grid) {
        return arms.stream()
                .filter(arm -> arm.grids.contains(grid) && arm.parameters == parameters && arm.tokensPerParameter == tokensPerParameter)
                .filter(arm -> arm.loss().isPresent())
                .min(Comparator.comparingDouble(arm -> arm.loss().orElseThrow().mean()));
    }

    /// By how much its loss is above another's, as a share of that: the mean over the seeds that both have of the difference
    /// within a seed, since a seed's first values and order of data make both better or worse. Empty where they share none.
    public Optional<Estimate> above(Arm reference) {
        List<Double> shares = new ArrayList<>();
        losses.forEach((seed, loss) -> {
            if (reference.losses.containsKey(seed)) {
                shares.add(loss / reference.losses.get(seed) - 1);
            }
        });
        return Estimate.of(shares);
    }
}
