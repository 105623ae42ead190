package tributary.localsgd.study;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import tributary.localsgd.laws.Fit;
import tributary.localsgd.laws.Joint;
import tributary.localsgd.laws.Law;
import tributary.localsgd.laws.Point;
import tributary.localsgd.laws.Power;
import tributary.localsgd.laws.Quantity;

/// The laws of a study's families. A **family** is what differs in size, replicas and seed alone; sweeps around a rule are
/// left out. Each family has a power law in N for every M, and a joint law in N and M where there are several M.
///
/// @param family for people: `diloco H=30`
/// @param replicas M; empty for the law in N and M
/// @param fit to every training, seeds as points of their own
/// @param objection why the points do not carry the law; its coefficients are worth nothing then
public record StudyLaws(String family, Optional<Integer> replicas, Fit fit, Optional<String> objection) {
    private static final int LEAST_SIZES = 3;
    /// What follows from size, budget and seed.
    private static final Set<String> FOLLOW = Set.of(
            "layers", "width", "heads", "batch", "steps", "lr", "min-lr", "warmup", "seed", "eval-every", "replicas");

    /// Fits all laws there are enough sizes for.
    ///
    /// @param bootstrap fits to resampled losses, for the intervals
    public static List<StudyLaws> of(Collection<Result> results, int bootstrap) {
        List<StudyLaws> laws = new ArrayList<>();
        families(results).forEach((name, members) -> {
            Map<Integer, List<Result>> byReplicas = new TreeMap<>();
            members.forEach(result -> byReplicas.computeIfAbsent(result.replicas(), _ -> new ArrayList<>()).add(result));
            byReplicas.forEach((M, own) -> fit(name, Optional.of(M), new Power(), own, bootstrap).ifPresent(laws::add));
            if (byReplicas.size() > 1) {
                fit(name, Optional.empty(), new Joint(), members, bootstrap).ifPresent(laws::add);
            }
        });
        return laws;
    }

    /// The families, by their names for people.
    static Map<String, List<Result>> families(Collection<Result> results) {
        Map<Map<String, String>, List<Result>> families = new LinkedHashMap<>();
        for (Result result : results) {
            if (result.loss().isPresent() && result.rateTimes() == 1 && result.batchTimes() == 1) {
                Map<String, String> family = result.allSettings();
                family.keySet().removeAll(FOLLOW);
                family.put("tokens-per-parameter", Double.toString(result.tokensPerParameter()));
                families.computeIfAbsent(family, _ -> new ArrayList<>()).add(result);
            }
        }
        Map<String, List<Result>> named = new LinkedHashMap<>();
        families.forEach((family, members) -> named.put(name(family, families.keySet()), members));
        return named;
    }

    /// Results with a loss as points of a law.
    static List<Point> points(Collection<Result> results) {
        List<Point> points = new ArrayList<>();
        for (Result result : results) {
            points.add(new Point(Map.of(
                    Quantity.PARAMETERS, (double) result.parameters(), Quantity.TOKENS, (double) result.tokens(),
                    Quantity.REPLICAS, (double) result.replicas(), Quantity.LOCAL_STEPS, (double) result.localSteps()),
                    result.loss().orElseThrow()));
        }
        return points;
    }

    private static Optional<StudyLaws> fit(String name, Optional<Integer> M, Law law, List<Result> results, int bootstrap) {
        List<Point> points = points(results);
        if (points.stream().map(point -> point.at().get(Quantity.PARAMETERS)).distinct().count() < LEAST_SIZES) {
            return Optional.empty();
        }
        Fit fit = Fit.of(law, points, bootstrap, 1);
        return Optional.of(new StudyLaws(name, M, fit, fit.objection()));
    }

    /// The algorithm, H, and whatever else tells it from other families of the same algorithm.
    private static String name(Map<String, String> family, Collection<Map<String, String>> all) {
        StringBuilder name = new StringBuilder(family.get("algorithm"));
        if (family.containsKey("local-steps")) {
            name.append(" H=").append(family.get("local-steps"));
        }
        family.forEach((setting, value) -> {
            boolean tells = all.stream().filter(other -> other.get("algorithm").equals(family.get("algorithm")))
                    .anyMatch(other -> !value.equals(other.get(setting)));
            if (tells && !setting.equals("local-steps")) {
                name.append(' ').append(setting).append(' ').append(value);
            }
        });
        return name.toString();
    }
}
