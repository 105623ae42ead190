package tributary.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tributary.model.GptConfig;
import tributary.tensor.IntTensor;

/// Token ids in a JSON file: an array of ids, or an array of such arrays.
final class IdFile {

    /// One sequence.
    ///
    /// @param inputs (1, T), all but the last id
    /// @param targets (1, T), all but the first
    record Sequence(IntTensor inputs, IntTensor targets) {}

    private IdFile() {}

    /// Reads the sequences of a file.
    ///
    /// @param config of the model that is to predict them
    /// @throws IllegalArgumentException naming file, sequence and place where they are not what the model takes
    static List<Sequence> read(Path file, GptConfig config) throws IOException {
        JsonNode root;
        try {
            root = JsonMapper.shared().readTree(Files.readAllBytes(file));
        } catch (NoSuchFileException e) {
            throw new IllegalArgumentException(file + ": there is no such file", e);
        } catch (JacksonException e) {
            throw new IllegalArgumentException(file + ": is not JSON: " + e.getOriginalMessage(), e);
        }
        if (!root.isArray() || root.isEmpty()) {
            throw new IllegalArgumentException(file + ": has to be a JSON array of ids, or an array of such arrays");
        }
        List<Sequence> sequences = new ArrayList<>();
        if (!root.get(0).isArray()) {
            sequences.add(sequence(file + ": the sequence", root, config));
        } else {
            for (int i = 0; i < root.size(); i++) {
                sequences.add(sequence(file + ": sequence " + i, root.get(i), config));
            }
        }
        return sequences;
    }

    private static Sequence sequence(String place, JsonNode ids, GptConfig config) {
        if (!ids.isArray()) {
            throw new IllegalArgumentException(place + " is not an array of ids");
        }
        int length = ids.size() - 1;
        if (length < 1 || length > config.context()) {
            throw new IllegalArgumentException(place + " has " + ids.size() + " ids; the model takes 2 to " + (config.context() + 1)
                    + ", its context of " + config.context() + " and one more to predict");
        }
        IntTensor inputs = IntTensor.zeros(1, length);
        IntTensor targets = IntTensor.zeros(1, length);
        for (int i = 0; i <= length; i++) {
            JsonNode id = ids.get(i);
            if (!id.isIntegralNumber() || !id.canConvertToInt() || id.asInt() < 0 || id.asInt() >= config.vocabulary()) {
                throw new IllegalArgumentException(
                        place + " has " + id + " at place " + i + ", not an id from 0 to " + (config.vocabulary() - 1));
            }
            if (i < length) {
                inputs.array()[i] = id.asInt();
            }
            if (i > 0) {
                targets.array()[i - 1] = id.asInt();
            }
        }
        return new Sequence(inputs, targets);
    }
}
