package tributary.localsgd.figure;

import java.util.regex.Pattern;
import tools.jackson.databind.node.ObjectNode;
import tributary.model.json.JsonFile;

/// The words of a picture.
///
/// @param id its name in a page and as a file: small letters, digits and `-`
/// @param text what is seen, where it comes from, how it was computed
public record Caption(String id, String title, String text) {
    private static final Pattern ID = Pattern.compile("[a-z0-9]+(-[a-z0-9]+)*");

    /// @throws IllegalArgumentException where the id cannot be a file's name
    public Caption {
        if (!ID.matcher(id).matches()) {
            throw new IllegalArgumentException("figure '" + id + "': an id has small letters, digits and single dashes between them");
        }
    }

    /// The beginning of a figure's JSON.
    ObjectNode toJson(String kind) {
        return JsonFile.object().put("kind", kind).put("id", id).put("title", title).put("text", text);
    }
}
