package tributary.model.tokenizer;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.IntStream;
import tools.jackson.databind.node.ObjectNode;
import tributary.model.json.JsonFile;

/// How `tokenizers` writes bytes as visible characters: printable Latin-1 stands for itself, the rest takes the places
/// from U+0100 on, in order.
final class ByteLevel {
    static final int BYTES = 256;

    private static final char[] NAMES = names();
    /// The byte of a name; `BYTES` where the character names none.
    private static final int[] VALUES = values();

    private ByteLevel() {}

    /// A byte as text.
    static String name(int value) {
        return Character.toString(NAMES[value]);
    }

    /// Bytes as text.
    static String name(byte[] bytes) {
        StringBuilder name = new StringBuilder(bytes.length);
        for (byte value : bytes) {
            name.append(NAMES[Byte.toUnsignedInt(value)]);
        }
        return name.toString();
    }

    /// The bytes a text stands for, or empty where one of its characters stands for none.
    static Optional<byte[]> bytes(String name) {
        byte[] bytes = new byte[name.length()];
        for (int i = 0; i < bytes.length; i++) {
            char character = name.charAt(i);
            if (character >= VALUES.length || VALUES[character] == BYTES) {
                return Optional.empty();
            }
            bytes[i] = (byte) VALUES[character];
        }
        return Optional.of(bytes);
    }

    /// All bytes, in the order of their names: that of GPT-2's ids.
    static int[] order() {
        return IntStream.range(0, BYTES).boxed()
                .sorted((a, b) -> Character.compare(NAMES[a], NAMES[b]))
                .mapToInt(Integer::intValue)
                .toArray();
    }

    /// The step of `tokenizer.json` that turns text into such names, or back.
    ///
    /// @param words whether text is cut into [Words]
    static ObjectNode step(boolean words) {
        ObjectNode node = JsonFile.object();
        node.put("type", "ByteLevel");
        node.put("add_prefix_space", false);
        node.put("trim_offsets", true);
        node.put("use_regex", words);
        return node;
    }

    private static char[] names() {
        char[] names = new char[BYTES];
        char next = 0x100;
        for (int value = 0; value < BYTES; value++) {
            boolean visible = value >= '!' && value <= '~' || value >= 0xA1 && value <= 0xFF && value != 0xAD;
            names[value] = visible ? (char) value : next++;
        }
        return names;
    }

    private static int[] values() {
        int[] values = new int[0x200];
        Arrays.fill(values, BYTES);
        for (int value = 0; value < BYTES; value++) {
            values[NAMES[value]] = value;
        }
        return values;
    }
}
