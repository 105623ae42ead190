package tributary.model.json;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;
import tributary.model.format.DurableFile;
import tributary.model.format.FormatException;

/// A file that holds one JSON object. A key that stands twice, and anything after the object, is an error.
public final class JsonFile {
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(SerializationFeature.INDENT_OUTPUT)
            .build();

    private JsonFile() {}

    /// An empty object to fill.
    public static ObjectNode object() {
        return MAPPER.createObjectNode();
    }

    /// @throws FormatException where the file is missing or holds no JSON object
    public static ObjectNode read(Path file) throws IOException {
        byte[] bytes;
        try {
            bytes = Files.readAllBytes(file);
        } catch (NoSuchFileException missing) {
            throw new FormatException(file + ": there is no such file", missing);
        }
        return parse(bytes, file.toString());
    }

    /// @param place named in the message where `bytes` are not one JSON object
    public static ObjectNode parse(byte[] bytes, String place) throws FormatException {
        JsonNode root;
        try {
            root = MAPPER.readTree(bytes);
        } catch (JacksonException malformed) {
            throw new FormatException(place + ": not valid JSON: " + malformed.getOriginalMessage()
                    + position(malformed), malformed);
        }
        if (!(root instanceof ObjectNode object)) {
            throw new FormatException(place + ": a JSON object is wanted, not " + root.getNodeType().name().toLowerCase(Locale.ROOT));
        }
        return object;
    }

    /// Replaces the file as a whole, indented for people.
    public static void write(Path file, ObjectNode object) throws IOException {
        DurableFile.writeString(file, text(object));
    }

    /// The object as [#write] writes it.
    public static String text(ObjectNode object) {
        return MAPPER.writeValueAsString(object) + "\n";
    }

    /// The object on one line.
    public static byte[] compact(ObjectNode object) {
        return MAPPER.writer().without(SerializationFeature.INDENT_OUTPUT).writeValueAsBytes(object);
    }

    private static String position(JacksonException malformed) {
        return malformed.getLocation() == null ? ""
                : " (line " + malformed.getLocation().getLineNr() + ", column " + malformed.getLocation().getColumnNr() + ")";
    }
}
