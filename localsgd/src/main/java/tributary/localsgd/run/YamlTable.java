package tributary.localsgd.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.function.Supplier;
import java.util.stream.StreamSupport;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/// A table of a YAML file, read strictly: whoever reads it says which keys there are, and every complaint names the place.
public final class YamlTable {
    private static final YAMLMapper YAML = YAMLMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

    private final String place;
    private final JsonNode node;

    private YamlTable(String place, JsonNode node) {
        this.place = place;
        this.node = node;
        if (!node.isObject()) {
            throw wrong("is not a table of lines name: value");
        }
    }

    /// The table a file holds.
    ///
    /// @param what the file is, such as `cluster file`
    /// @throws IllegalArgumentException naming the file and what is wrong: there is none, it is not YAML, a key is given twice
    public static YamlTable read(Path file, String what) {
        try {
            return parse(Files.readString(file), file.toString());
        } catch (NoSuchFileException e) {
            throw new IllegalArgumentException(file + ": there is no such " + what, e);
        } catch (IOException e) {
            throw new IllegalArgumentException(file + ": cannot be read as UTF-8 text: " + e, e);
        }
    }

    /// The table a text holds.
    ///
    /// @param place named in complaints
    public static YamlTable parse(String text, String place) {
        try {
            return new YamlTable(place, YAML.readTree(text));
        } catch (JacksonException e) {
            throw new IllegalArgumentException(place + ":" + e.getLocation().getLineNr() + ": is not YAML: "
                    + e.getOriginalMessage().lines().findFirst().orElse("unreadable"), e);
        }
    }

    /// Refuses other keys, with the nearest known one.
    public YamlTable allow(String... known) {
        return allow(List.of(known));
    }

    /// As [#allow(String...)].
    public YamlTable allow(List<String> known) {
        for (String name : keys()) {
            if (!known.contains(name)) {
                throw wrong("unknown key " + name + "; the nearest known one is " + Setting.nearest(known, name));
            }
        }
        return this;
    }

    /// The keys, in their order.
    public List<String> keys() {
        return List.copyOf(node.propertyNames());
    }

    public boolean has(String key) {
        return node.has(key);
    }

    /// Whether there is such a key and it holds a table.
    public boolean holdsTable(String key) {
        return node.path(key).isObject();
    }

    /// Whether there is such a key and it holds a list.
    public boolean holdsList(String key) {
        return node.path(key).isArray();
    }

    /// The table of a key that is there.
    public YamlTable table(String key) {
        return new YamlTable(place + ": " + key, node.get(key));
    }

    /// The tables in a list, at least one.
    public List<YamlTable> list(String key) {
        JsonNode list = node.path(key);
        if (!list.isArray() || list.isEmpty()) {
            throw wrong(key + " must be a list of at least one entry");
        }
        List<YamlTable> tables = new ArrayList<>();
        for (JsonNode entry : list) {
            tables.add(new YamlTable(place + ": " + key + "[" + tables.size() + "]", entry));
        }
        return tables;
    }

    public Optional<String> text(String key) {
        return has(key) ? Optional.of(value(key, node.get(key))) : Optional.empty();
    }

    /// The values in a list, as text, at least one; one value alone is a list of one.
    public List<String> texts(String key) {
        if (!has(key)) {
            throw wrong(key + " is missing");
        }
        return entries(key).stream().map(entry -> switch (entry) {
            case Entry.Value value -> value.text();
            case Entry.Inner inner -> throw inner.table.wrong("is a table; " + key + " takes values");
        }).toList();
    }

    /// An entry of a list that holds values and tables.
    public sealed interface Entry {
        record Value(String text) implements Entry {}

        record Inner(YamlTable table) implements Entry {}
    }

    /// The entries in a list, at least one; one entry alone is a list of one.
    public List<Entry> entries(String key) {
        JsonNode held = node.path(key);
        if (held.isArray() && held.isEmpty()) {
            throw wrong(key + " is an empty list; give a value or leave the key out");
        }
        List<Entry> entries = new ArrayList<>();
        for (JsonNode entry : held.isArray() ? held : List.of(held)) {
            entries.add(entry.isObject() ? new Entry.Inner(new YamlTable(place + ": " + key + "[" + entries.size() + "]", entry))
                    : new Entry.Value(value(key, entry)));
        }
        return entries;
    }

    public OptionalDouble number(String key) {
        return has(key) ? OptionalDouble.of(number(key, node.get(key))) : OptionalDouble.empty();
    }

    public OptionalLong wholeNumber(String key) {
        OptionalDouble number = number(key);
        if (number.isEmpty()) {
            return OptionalLong.empty();
        }
        if (number.getAsDouble() != Math.rint(number.getAsDouble())) {
            throw wrong(key + " " + number.getAsDouble() + " is not a whole number");
        }
        return OptionalLong.of((long) number.getAsDouble());
    }

    /// The numbers in a list.
    public List<Double> numbers(String key) {
        if (!holdsList(key)) {
            throw wrong(key + " must be a list of numbers");
        }
        return StreamSupport.stream(node.get(key).spliterator(), false).map(entry -> number(key, entry)).toList();
    }

    private double number(String key, JsonNode value) {
        String text = value(key, value);
        try {
            return Double.parseDouble(text);
        } catch (NumberFormatException e) {
            throw wrong(key + " '" + text + "' is not a number");
        }
    }

    private String value(String key, JsonNode value) {
        if (!value.isValueNode() || value.isNull()) {
            throw wrong(key + " takes one value");
        }
        return value.asString();
    }

    /// Makes something of the table, and names the place where its values cannot be.
    public <T> T make(Supplier<T> maker) {
        try {
            return maker.get();
        } catch (IllegalArgumentException e) {
            throw e.getMessage().startsWith(place) ? e : wrong(e.getMessage());
        }
    }

    /// A complaint about this table.
    public IllegalArgumentException wrong(String reason) {
        return new IllegalArgumentException(place + ": " + reason);
    }
}
