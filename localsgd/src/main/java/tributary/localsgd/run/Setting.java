package tributary.localsgd.run;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import tributary.localsgd.OuterOptimizer;
import tributary.model.optimizer.InnerOptimizer;

/// One setting of a run, as people write it: a key of the configuration file and an option of the command line.
///
/// @param name in kebab case, such as `outer-lr`
/// @param kind what a value must be: `TEXT`, `INT`, `NUMBER`, or the choices, such as `random|sequential`
/// @param standard the value where none is given, empty for none; an algorithm may have another, see
///        [AlgorithmName#standard]
/// @param help one line
/// @param special whether it is of some algorithms only; for the others its standard value changes nothing
public record Setting(String name, String kind, String standard, String help, boolean special) {

    /// A setting that no algorithm has of its own, but some inner optimizers.
    static final String INNER_MOMENTUM = "inner-momentum";
    private static final Set<String> OF_INNER_OPTIMIZERS = Set.of("beta1", "beta2", "weight-decay", INNER_MOMENTUM);

    private static final RecordComponent[] COMPONENTS = RunConfig.class.getRecordComponents();
    private static final List<Setting> ALL = Arrays.stream(COMPONENTS).map(Setting::of).toList();

    /// What a component of [RunConfig] is for.
    @Target(ElementType.RECORD_COMPONENT)
    @Retention(RetentionPolicy.RUNTIME)
    @interface About {
        /// One line of help.
        String help();

        /// The value where none is given, empty for an optional setting; of a special one the value that changes nothing.
        String standard();

        /// Whether only the algorithms that name it in [AlgorithmName] look at this setting.
        boolean special() default false;
    }

    /// Every setting, in the order of [RunConfig].
    public static List<Setting> all() {
        return ALL;
    }

    /// The setting of this name, or empty.
    public static Optional<Setting> named(String name) {
        return ALL.stream().filter(setting -> setting.name.equals(name)).findFirst();
    }

    /// The known name that takes the fewest edits to reach from a mistyped one.
    public static String nearest(String mistyped) {
        return nearest(ALL.stream().map(Setting::name).toList(), mistyped);
    }

    /// As [#nearest(String)], of other names.
    public static String nearest(List<String> known, String mistyped) {
        return known.stream().min(Comparator.comparingInt(name -> edits(name, mistyped))).orElseThrow();
    }

    /// How people write an enum value: `DATA_PARALLEL` is `data-parallel`.
    public static String label(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /// The algorithms that look at it.
    public List<AlgorithmName> usedBy() {
        return Arrays.stream(AlgorithmName.values()).filter(algorithm -> algorithm.uses(this)).toList();
    }

    /// Whether an algorithm looks at it when it has these optimizers.
    boolean isUsedBy(AlgorithmName algorithm, InnerOptimizer inner, OuterOptimizer outer) {
        boolean used = algorithm.uses(this);
        if (OF_INNER_OPTIMIZERS.contains(name) && algorithm.uses(named("inner-optimizer").orElseThrow())) {
            used &= inner.settings().contains(name);
        }
        if (name.equals("outer-momentum") && algorithm.uses(named("outer-optimizer").orElseThrow())) {
            used &= outer.standardMomentum().isPresent();
        }
        return used;
    }

    /// Whether a value is a number.
    public boolean isNumber() {
        return kind.equals("INT") || kind.equals("NUMBER");
    }

    /// This setting's value in a configuration, as people write it; empty where it is not set.
    public String valueIn(RunConfig config) {
        return switch (componentOf(config)) {
            case Enum<?> choice -> label(choice);
            case OptionalDouble optional -> optional.isPresent() ? plain(optional.getAsDouble()) : "";
            case OptionalInt optional -> optional.isPresent() ? Integer.toString(optional.getAsInt()) : "";
            case Optional<?> optional -> optional.map(Object::toString).orElse("");
            case Double number -> number.isInfinite() ? "infinity" : plain(number);
            case Object value -> value.toString();
        };
    }

    private Object componentOf(RunConfig config) {
        try {
            return COMPONENTS[ALL.indexOf(this)].getAccessor().invoke(config);
        } catch (IllegalAccessException | InvocationTargetException e) {
            throw new IllegalStateException("cannot read setting " + name, e);
        }
    }

    /// Refuses a configuration in which a setting that the algorithm has no use for has a value that would be ignored.
    static void requireUsed(RunConfig config) {
        for (Setting setting : ALL) {
            if (!setting.isUsedBy(config.algorithm(), config.innerOptimizer(), config.outerOptimizer())
                    && !setting.componentOf(config).equals(setting.parse(setting.standard))) {
                throw setting.unused(config.algorithm(), config.innerOptimizer(), config.outerOptimizer(), setting.valueIn(config));
            }
        }
    }

    private IllegalArgumentException unused(AlgorithmName algorithm, InnerOptimizer inner, OuterOptimizer outer, Object value) {
        if (algorithm.uses(this)) {
            return new IllegalArgumentException(name + " " + value + " has no use with " + (name.equals("outer-momentum")
                    ? "outer-optimizer " + label(outer) : "inner-optimizer " + label(inner)) + "; leave it out");
        }
        List<String> others = usedBy().stream().map(Setting::label).toList();
        String last = others.getLast();
        return new IllegalArgumentException(name + " " + value + " has no use in " + label(algorithm) + "; leave it out or use "
                + (others.size() == 1 ? last : String.join(", ", others.subList(0, others.size() - 1)) + " or " + last));
    }

    static RunConfig resolve(Map<String, ?> given) {
        for (String name : given.keySet()) {
            if (named(name).isEmpty()) {
                throw new IllegalArgumentException("unknown setting " + name + "; the nearest known one is " + nearest(name));
            }
        }
        AlgorithmName algorithm = (AlgorithmName) named("algorithm").orElseThrow().chosen(given, AlgorithmName.DILOCO);
        InnerOptimizer inner = (InnerOptimizer) named("inner-optimizer").orElseThrow().chosen(given, algorithm);
        OuterOptimizer outer = (OuterOptimizer) named("outer-optimizer").orElseThrow().chosen(given, algorithm);
        Map<String, String> values = new HashMap<>();
        ALL.forEach(setting -> values.put(setting.name, algorithm.standard(setting)));
        values.putAll(standards(given, algorithm, inner, outer));
        for (Setting setting : ALL) {
            Object value = given.get(setting.name);
            boolean used = setting.isUsedBy(algorithm, inner, outer);
            if (value != null && !used) {
                throw setting.unused(algorithm, inner, outer, value);
            } else if (value != null) {
                values.put(setting.name, value.toString().strip());
            } else if (!used) {
                values.put(setting.name, setting.standard);
            }
        }
        if (given.containsKey("lr") && !given.containsKey("min-lr")) {
            values.put("min-lr", Double.toString((double) named("lr").orElseThrow().parse(values.get("lr")) / 10));
        }
        if (given.containsKey("replica-batch") && !given.containsKey("batch")) {
            int own = ((OptionalInt) named("replica-batch").orElseThrow().parse(values.get("replica-batch"))).orElse(1);
            int replicas = (int) named("replicas").orElseThrow().parse(values.get("replicas"));
            values.put("batch", Long.toString((long) own * replicas));
        }
        if (given.containsKey("steps") && !given.containsKey("warmup")) {
            int most = (int) named("steps").orElseThrow().parse(values.get("steps")) / 20;
            values.put("warmup", Integer.toString(Math.clamp(most, 0, 100)));
        }
        return construct(ALL.stream().map(setting -> setting.parse(values.get(setting.name))).toArray());
    }

    private Object chosen(Map<String, ?> given, AlgorithmName algorithm) {
        Object value = given.get(name);
        return parse(value == null ? algorithm.standard(this) : value.toString().strip());
    }

    /// What the optimizers ask for.
    private static Map<String, String> standards(
            Map<String, ?> given, AlgorithmName algorithm, InnerOptimizer inner, OuterOptimizer outer) {
        Map<String, String> standards = new HashMap<>();
        standards.put(INNER_MOMENTUM, inner == InnerOptimizer.MUON ? "0.95" : "0.9");
        if (given.containsKey("outer-optimizer") && algorithm.uses(named("outer-optimizer").orElseThrow())) {
            standards.put("outer-lr", Double.toString(outer.standardLr()));
            outer.standardMomentum().ifPresent(momentum -> standards.put("outer-momentum", Double.toString(momentum)));
        }
        return standards;
    }

    private static RunConfig construct(Object[] values) {
        Class<?>[] types = Arrays.stream(COMPONENTS).map(RecordComponent::getType).toArray(Class<?>[]::new);
        try {
            return RunConfig.class.getDeclaredConstructor(types).newInstance(values);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof IllegalArgumentException refused) {
                throw refused;
            }
            throw new IllegalStateException(e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    /// A value of this setting's component of [RunConfig].
    Object parse(String text) {
        Class<?> type = COMPONENTS[ALL.indexOf(this)].getType();
        try {
            if (type == int.class) {
                return Integer.valueOf(text);
            } else if (type == long.class) {
                return Long.valueOf(text);
            } else if (type == double.class) {
                return number(text);
            } else if (type == boolean.class) {
                return yesOrNo(text);
            } else if (type == OptionalInt.class) {
                return text.isEmpty() ? OptionalInt.empty() : OptionalInt.of(Integer.parseInt(text));
            } else if (type == OptionalDouble.class) {
                return text.isEmpty() ? OptionalDouble.empty() : OptionalDouble.of(number(text));
            } else if (type == Optional.class) {
                return Optional.of(text).filter(value -> !value.isEmpty());
            } else if (type.isEnum()) {
                return choice(type, text);
            }
            return text;
        } catch (NumberFormatException e) {
            String wanted = type == int.class || type == OptionalInt.class ? "whole number up to " + Integer.MAX_VALUE
                    : type == long.class ? "whole number" : "number";
            throw new IllegalArgumentException(name + " '" + text + "' is not a " + wanted
                    + (standard.isEmpty() ? "" : "; the standard is " + standard));
        }
    }

    private static double number(String text) {
        String word = text.toLowerCase(Locale.ROOT);
        if (word.equals("infinity") || word.equals("inf") || word.equals(".inf")) {
            return Double.POSITIVE_INFINITY;
        }
        if (!word.isEmpty() && "fd".indexOf(word.charAt(word.length() - 1)) >= 0) { // Java's 1f and 1d are no numbers to people
            throw new NumberFormatException(text);
        }
        return Double.parseDouble(text);
    }

    private boolean yesOrNo(String text) {
        return switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException(name + " '" + text + "' is not known; use true, false");
        };
    }

    private Object choice(Class<?> type, String text) {
        return Arrays.stream(type.getEnumConstants())
                .filter(value -> label((Enum<?>) value).equals(text))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(name + " '" + text + "' is not known; use " + kind.replace("|", ", ")));
    }

    private static Setting of(RecordComponent component) {
        About about = component.getAnnotation(About.class);
        String name = component.getName().replaceAll("(?<=[a-z0-9])(?=[A-Z])", "-").toLowerCase(Locale.ROOT);
        Class<?> type = component.getType();
        String kind;
        if (type.isEnum()) {
            kind = Arrays.stream(type.getEnumConstants()).map(value -> label((Enum<?>) value)).collect(Collectors.joining("|"));
        } else if (type == int.class || type == long.class || type == OptionalInt.class) {
            kind = "INT";
        } else if (type == boolean.class) {
            kind = "true|false";
        } else {
            kind = type == double.class || type == OptionalDouble.class ? "NUMBER" : "TEXT";
        }
        return new Setting(name, kind, about.standard(), about.help(), about.special());
    }

    private static String plain(double number) {
        String text = new BigDecimal(Double.toString(number)).stripTrailingZeros().toPlainString();
        return text.length() <= 12 ? text : Double.toString(number);
    }

    /// Levenshtein distance.
    private static int edits(String a, String b) {
        int[] row = new int[b.length() + 1];
        Arrays.setAll(row, j -> j);
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[b.length()];
    }
}
