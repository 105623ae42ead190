package tributary.localsgd.run;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.dataformat.yaml.YAMLFactory;
import tools.jackson.dataformat.yaml.YAMLMapper;
import tools.jackson.dataformat.yaml.YAMLWriteFeature;

/// Configuration files: YAML, flat, each key a [Setting] by its name.
///
/// ```yaml
/// data: book.txt
/// algorithm: diloco
/// replicas: 4
/// outer-lr: 0.7
/// ```
public final class ConfigFile {
    private static final YAMLMapper YAML = YAMLMapper.builder(YAMLFactory.builder()
            .enable(YAMLWriteFeature.MINIMIZE_QUOTES)
            .disable(YAMLWriteFeature.WRITE_DOC_START_MARKER)
            .build()).build();

    /// How a message of the YAML parser states a problem and its place.
    private static final Pattern MARK = Pattern.compile("(?m)^(?<problem>.*)\\R in reader, line (?<line>\\d+), column");

    private ConfigFile() {}

    /// Reads the settings a file gives, as text, in its order; they are the input of [RunConfig#of].
    ///
    /// @throws IllegalArgumentException naming file, line and what is wrong: no such file, not YAML, not a flat list,
    ///         an unknown key (with the nearest known one), a key given twice, a value that is missing or not of the key's kind
    public static Map<String, String> read(Path file) {
        String text;
        try {
            text = Files.readString(file);
        } catch (NoSuchFileException e) {
            throw new IllegalArgumentException(file + ": there is no such configuration file", e);
        } catch (IOException e) {
            throw new IllegalArgumentException(file + ": cannot be read as UTF-8 text: " + e, e);
        }
        try (JsonParser parser = YAML.createParser(text)) {
            return settings(file, parser);
        } catch (JacksonException e) {
            throw notYaml(file, e);
        }
    }

    static String write(Map<String, String> settings) {
        StringWriter text = new StringWriter();
        try (JsonGenerator yaml = YAML.createGenerator(text)) {
            yaml.writeStartObject();
            settings.forEach((name, value) -> {
                yaml.writeName(name);
                if (Setting.named(name).orElseThrow().isNumber()) {
                    yaml.writeNumber(value);
                } else {
                    yaml.writeString(value);
                }
            });
            yaml.writeEndObject();
        }
        return text.toString();
    }

    private static Map<String, String> settings(Path file, JsonParser parser) {
        Map<String, String> settings = new LinkedHashMap<>();
        JsonToken first = parser.nextToken();
        if (first == null) {
            return settings;
        }
        if (first != JsonToken.START_OBJECT) {
            throw refused(file, parser, "a configuration is lines of the form name: value");
        }
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = parser.currentName();
            Optional<Setting> setting = Setting.named(name);
            if (setting.isEmpty()) {
                throw refused(file, parser, "unknown key " + name + "; the nearest known one is " + Setting.nearest(name));
            }
            if (settings.containsKey(name)) {
                throw refused(file, parser, "key " + name + " is given twice; keep one");
            }
            JsonToken value = parser.nextToken();
            if (value == JsonToken.START_OBJECT || value == JsonToken.START_ARRAY) {
                throw refused(file, parser, name + " takes one value, not a list or a table");
            }
            if (value == JsonToken.VALUE_NULL || parser.getString().isBlank()) {
                throw refused(file, parser, name + " has no value; give one or leave the key out");
            }
            try {
                setting.get().parse(parser.getString());
            } catch (IllegalArgumentException e) {
                throw refused(file, parser, e.getMessage());
            }
            settings.put(name, parser.getString());
        }
        if (parser.nextToken() != null) {
            throw refused(file, parser, "a second document begins; a configuration is one");
        }
        return settings;
    }

    /// The parser's own location is where it stood, not where the mistake is; that place ends its message.
    private static IllegalArgumentException notYaml(Path file, JacksonException e) {
        int line = e.getLocation().getLineNr();
        String problem = e.getOriginalMessage().lines().findFirst().orElse("unreadable");
        for (Matcher mark = MARK.matcher(e.getOriginalMessage()); mark.find();) {
            problem = mark.group("problem");
            line = Integer.parseInt(mark.group("line"));
        }
        return new IllegalArgumentException(file + ":" + line + ": is not YAML: " + problem, e);
    }

    private static IllegalArgumentException refused(Path file, JsonParser parser, String reason) {
        return new IllegalArgumentException(file + ":" + parser.currentTokenLocation().getLineNr() + ": " + reason);
    }
}
