package tributary.localsgd.study;

import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import tributary.localsgd.run.RunConfig;
import tributary.localsgd.run.Setting;
import tributary.localsgd.run.YamlTable;

/// Files that declare a study, in YAML.
///
/// ```yaml
/// data: jdk:java.base
/// tokenizer: {bpe: 1024}                  # learned from the training text; or byte, char, a file
/// validation-tokens: 131072               # the same for every training; 131072 where left out
/// sizes: [13k, 57k, {layers: 3, width: 64, heads: 4}]     # non-embedding parameters, by the rule of ModelSize, or a shape
/// tokens-per-parameter: 20                # D / N, 20 where left out
/// over-training: [1, 4]                   # multiples of that
/// learning-rate: {factor: 0.2, parameters: -0.3}          # 0.2 N^-0.3; `replicas` for an exponent of M
/// batch-tokens: {factor: 10, parameters: 0.45}
/// seeds: [1, 2, 3]
/// settings: {context: 64}                 # settings of a run that all trainings have
/// grids:
///   - name: baseline
///     algorithm: data-parallel
///   - name: diloco
///     algorithm: diloco
///     replicas: [1, 2, 4, 8]              # a list is an axis of the grid; any setting of a run may be one
///     local-steps: 30
///     outer-lr: 0.6
///     sizes: [13k]                        # instead of the study's; so may seeds, budgets and rules be
///     learning-rate-times: [0.5, 1, 2]    # a sweep around the rule
/// ```
///
/// Each grid is the product of its lists. A batch is the multiple, nearest to its rule, of sequences that all numbers of
/// replicas in the file divide, so that arms of one size and budget take the same steps on the same number of tokens. All
/// else stands at the standard value of the algorithm, with the learning rate's decay to a tenth and its warm-up as long as
/// `train` has them.
public final class StudyFile {
    private static final String SIZES = "sizes";
    private static final String BUDGET = "tokens-per-parameter";
    private static final String OVER = "over-training";
    private static final String RATE = "learning-rate";
    private static final String BATCH = "batch-tokens";
    private static final String SEEDS = "seeds";
    private static final String RATE_TIMES = "learning-rate-times";
    private static final String BATCH_TIMES = "batch-times";
    private static final List<String> COMMON = List.of(SIZES, BUDGET, OVER, RATE, BATCH, SEEDS);
    /// Settings that follow from others in a study.
    private static final Set<String> FOLLOW = Set.of(
            "data", "tokenizer", "layers", "heads", "width", "batch", "replica-batch", "steps", "lr", "seed", "eval-every", "eval-tokens",
            "init-from");
    private static final String VALIDATION = "131072";

    private StudyFile() {}

    /// @throws IllegalArgumentException naming file, place and what is wrong: no such file, not YAML, an unknown key (with the
    ///         nearest known one), an empty list, values that cannot be or cannot work together, a training that stands twice
    public static Study read(Path file) {
        return study(YamlTable.read(file, "study file"), file.toString());
    }

    /// A study that comes with the program, such as `quick`.
    ///
    /// @throws IllegalArgumentException where there is none of this name
    public static Study bundled(String name) {
        try (InputStream text = StudyFile.class.getResourceAsStream(name + ".yaml")) {
            if (text == null) {
                throw new IllegalArgumentException("there is no study " + name + " in the program; use quick, or name a file");
            }
            return study(YamlTable.parse(new String(text.readAllBytes(), StandardCharsets.UTF_8), name), name);
        } catch (IOException e) {
            throw new IllegalStateException("the study " + name + " in the program cannot be read", e);
        }
    }

    private static Study study(YamlTable table, String place) {
        List<String> keys = new ArrayList<>(COMMON);
        keys.addAll(List.of("data", "tokenizer", "validation-tokens", "settings", "grids"));
        table.allow(keys);
        String data = table.text("data").orElse("jdk");
        OptionalInt vocabulary = vocabulary(table);
        String tokenizer = vocabulary.isPresent() ? "bpe-" + vocabulary.getAsInt() + ".json" : table.text("tokenizer").orElse("byte");
        Map<String, String> settings = new LinkedHashMap<>();
        if (table.has("settings")) {
            YamlTable own = table.table("settings").allow(free());
            own.keys().forEach(key -> settings.put(key, own.text(key).orElseThrow()));
        }
        settings.put("data", data);
        settings.put("tokenizer", tokenizer);
        settings.put("eval-tokens", table.text("validation-tokens").orElse(VALIDATION));
        List<String> known = new ArrayList<>(COMMON);
        known.addAll(List.of("name", RATE_TIMES, BATCH_TIMES));
        known.addAll(free());
        List<YamlTable> grids = table.list("grids").stream().map(grid -> grid.allow(known)).toList();
        Arms arms = new Arms(table, settings, batchMultiple(grids, settings));
        List<Trial> trials = new ArrayList<>();
        Set<String> names = new LinkedHashSet<>();
        for (YamlTable grid : grids) {
            String name = grid.text("name").orElse("grid-" + (names.size() + 1));
            if (!names.add(name)) {
                throw grid.wrong("name " + name + " is another grid's too; give each its own");
            }
            trials.addAll(arms.of(name, grid));
        }
        return new Study(place, data, tokenizer, vocabulary, trials);
    }

    private static OptionalInt vocabulary(YamlTable table) {
        if (!table.holdsTable("tokenizer")) {
            return OptionalInt.empty();
        }
        YamlTable tokenizer = table.table("tokenizer").allow("bpe");
        int size = whole(tokenizer, "bpe");
        if (size <= 256) {
            throw tokenizer.wrong("bpe " + size + " has no room for a merge beside the 256 bytes; use more, or tokenizer: byte");
        }
        return OptionalInt.of(size);
    }

    /// The settings a study may give.
    private static List<String> free() {
        return Setting.all().stream().map(Setting::name).filter(name -> !FOLLOW.contains(name)).toList();
    }

    /// The least number of sequences that all numbers of replicas divide.
    private static int batchMultiple(List<YamlTable> grids, Map<String, String> settings) {
        long multiple = 1;
        for (YamlTable grid : grids) {
            for (String text : replicas(grid, settings)) {
                long M = (long) number(grid, "replicas", text);
                if (M < 1 || M > 1_000_000) {
                    throw grid.wrong("replicas " + text + " is not a number from 1 to 1000000");
                }
                long a = multiple;
                for (long b = M; b != 0;) {
                    long rest = a % b;
                    a = b;
                    b = rest;
                }
                multiple = multiple / a * M;
                if (multiple > 1_000_000) {
                    throw grid.wrong("replicas " + text + ": a batch that all numbers of replicas divide would have "
                            + multiple + " sequences; choose numbers that divide each other, such as 1, 2, 4");
                }
            }
        }
        return (int) multiple;
    }

    private static List<String> replicas(YamlTable grid, Map<String, String> settings) {
        if (grid.has("replicas")) {
            return grid.texts("replicas");
        }
        if (settings.containsKey("replicas")) {
            return List.of(settings.get("replicas"));
        }
        return grid.texts("algorithm").stream()
                .map(algorithm -> grid.make(() -> Integer.toString(RunConfig.of(Map.of("algorithm", algorithm)).replicas()))).toList();
    }

    private static double number(YamlTable table, String key, String text) {
        return table.make(() -> Figures.parse(key, text));
    }

    /// Makes the trials of grids.
    ///
    /// @param study what grids fall back on
    /// @param settings that all trials have
    /// @param batchMultiple of sequences
    private record Arms(YamlTable study, Map<String, String> settings, int batchMultiple) {

        List<Trial> of(String name, YamlTable grid) {
            YamlTable sizes = where(grid, SIZES);
            if (!sizes.has(SIZES)) {
                throw grid.wrong("sizes are missing; give them here or for the whole study");
            }
            PowerRule rate = rule(where(grid, RATE), RATE, new PowerRule(0.2, -0.3, 0));
            PowerRule batch = rule(where(grid, BATCH), BATCH, new PowerRule(10, 0.45, 0));
            Map<String, List<String>> axes = new LinkedHashMap<>();
            for (String key : List.of(SEEDS, BUDGET, OVER)) {
                axes.put(key, where(grid, key).has(key) ? where(grid, key).texts(key) : List.of(key.equals(BUDGET) ? "20" : "1"));
            }
            for (String key : grid.keys()) {
                if (!COMMON.contains(key) && !key.equals("name")) {
                    axes.put(key, grid.texts(key));
                }
            }
            List<Trial> trials = new ArrayList<>();
            for (ModelSize size : sizes(sizes)) {
                for (Map<String, String> point : product(axes)) {
                    trials.add(grid.make(() -> trial(name, grid, size, rate, batch, point)));
                }
            }
            return trials;
        }

        private YamlTable where(YamlTable grid, String key) {
            return grid.has(key) ? grid : study;
        }

        private Trial trial(String name, YamlTable grid, ModelSize size, PowerRule rate, PowerRule batch, Map<String, String> point) {
            long N = size.parameters();
            Map<String, String> all = new LinkedHashMap<>(settings);
            point.forEach((key, value) -> {
                if (Setting.named(key).isPresent()) {
                    all.put(key, value);
                }
            });
            RunConfig plain = RunConfig.of(withoutSteps(all)); // for the settings that the shape of steps follows from
            int M = plain.replicas();
            double budget = positive(grid, point, BUDGET) * positive(grid, point, OVER);
            double rateTimes = positive(grid, point, RATE_TIMES);
            double batchTimes = positive(grid, point, BATCH_TIMES);
            double sequences = batch.at(N, M) * batchTimes / plain.context();
            long rounded = Math.max(1, Math.round(sequences / batchMultiple)) * batchMultiple;
            long steps = Math.max(1, Math.round(budget * N / (rounded * plain.context())));
            if (rounded > Integer.MAX_VALUE || steps > Integer.MAX_VALUE) {
                throw new IllegalArgumentException("a batch of " + rounded + " sequences and " + steps + " steps are too many");
            }
            double lr = rate.at(N, M) * rateTimes;
            all.put("layers", Integer.toString(size.layers()));
            all.put("width", Integer.toString(size.width()));
            all.put("heads", Integer.toString(size.heads()));
            all.put("batch", Long.toString(rounded));
            all.put("steps", Long.toString(steps));
            all.put("lr", new BigDecimal(lr).round(new MathContext(4)).toString());
            all.put("seed", point.get(SEEDS));
            all.put("eval-every", Long.toString(steps));
            return new Trial(name, size, budget, rateTimes, batchTimes, RunConfig.of(all));
        }

        /// What a learning rate and a number of steps bring with them would be checked against the standard ones.
        private Map<String, String> withoutSteps(Map<String, String> all) {
            Map<String, String> some = new LinkedHashMap<>(all);
            List.of("warmup", "min-lr", "eval-every").forEach(some::remove);
            some.put("batch", Integer.toString(batchMultiple));
            return some;
        }

        private static double positive(YamlTable grid, Map<String, String> point, String key) {
            double value = number(grid, key, point.getOrDefault(key, "1"));
            if (!(value > 0 && Double.isFinite(value))) {
                throw new IllegalArgumentException(key + " " + value + " is not positive");
            }
            return value;
        }
    }

    private static List<Map<String, String>> product(Map<String, List<String>> axes) {
        List<Map<String, String>> points = List.of(Map.of());
        for (Map.Entry<String, List<String>> axis : axes.entrySet()) {
            List<Map<String, String>> longer = new ArrayList<>();
            for (Map<String, String> point : points) {
                for (String value : axis.getValue()) {
                    Map<String, String> next = new LinkedHashMap<>(point);
                    next.put(axis.getKey(), value);
                    longer.add(next);
                }
            }
            points = longer;
        }
        return points;
    }

    private static List<ModelSize> sizes(YamlTable table) {
        List<ModelSize> sizes = new ArrayList<>();
        for (YamlTable.Entry entry : table.entries(SIZES)) {
            sizes.add(switch (entry) {
                case YamlTable.Entry.Value value -> table.make(() -> ModelSize.of(Figures.parse("size", value.text())));
                case YamlTable.Entry.Inner inner -> shape(inner.table().allow("layers", "width", "heads"));
            });
        }
        return sizes;
    }

    private static ModelSize shape(YamlTable table) {
        return table.make(() -> new ModelSize(whole(table, "layers"), whole(table, "width"), whole(table, "heads")));
    }

    private static int whole(YamlTable table, String key) {
        long value = table.wholeNumber(key).orElseThrow(() -> table.wrong(key + " is missing"));
        if (value < 1 || value > 1_000_000) {
            throw table.wrong(key + " " + value + " is not a number from 1 to 1000000");
        }
        return (int) value;
    }

    private static PowerRule rule(YamlTable table, String key, PowerRule standard) {
        if (!table.has(key)) {
            return standard;
        }
        if (!table.holdsTable(key)) {
            return table.make(() -> new PowerRule(number(table, key, table.text(key).orElseThrow()), 0, 0));
        }
        YamlTable rule = table.table(key).allow("factor", "parameters", "replicas");
        double factor = rule.number("factor").orElseThrow(() -> rule.wrong("factor is missing"));
        return rule.make(() -> new PowerRule(factor, rule.number("parameters").orElse(0), rule.number("replicas").orElse(0)));
    }
}
