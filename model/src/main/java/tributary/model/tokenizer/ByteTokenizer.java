package tributary.model.tokenizer;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CharsetEncoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.function.IntConsumer;
import tools.jackson.databind.node.ObjectNode;
import tributary.model.format.FormatException;
import tributary.model.json.JsonFile;

/// One id per byte of the text's UTF-8 form: 256 ids, and no text that cannot be told.
public final class ByteTokenizer implements Tokenizer {
    static final String MODEL = "BPE";

    private static final int IDS = 256;
    private static final int PIECE = 8192;

    /// All byte tokenizers are the same.
    public ByteTokenizer() {}

    @Override
    public String name() {
        return "byte";
    }

    @Override
    public int vocabularySize() {
        return IDS;
    }

    @Override
    public void encode(CharSequence text, IntConsumer into) {
        CharsetEncoder encoder = StandardCharsets.UTF_8.newEncoder().onMalformedInput(CodingErrorAction.REPLACE);
        CharBuffer characters = CharBuffer.wrap(text);
        ByteBuffer bytes = ByteBuffer.allocate(PIECE);
        boolean more = true;
        while (more) {
            more = encoder.encode(characters, bytes, true).isOverflow();
            bytes.flip();
            while (bytes.hasRemaining()) {
                into.accept(Byte.toUnsignedInt(bytes.get()));
            }
            bytes.clear();
        }
    }

    @Override
    public StreamDecoder decoder() {
        return new Utf8Stream();
    }

    @Override
    public void save(Path folder) throws IOException {
        ObjectNode root = TokenizerFile.frame();
        root.set("pre_tokenizer", byteLevel());
        root.set("decoder", byteLevel());
        ObjectNode model = root.putObject("model");
        model.put("type", MODEL);
        ObjectNode vocabulary = model.putObject("vocab");
        String[] names = names();
        for (int id = 0; id < IDS; id++) {
            vocabulary.put(names[id], id);
        }
        model.putArray("merges");
        TokenizerFile.write(folder, root);
    }

    static ByteTokenizer read(Path file, ObjectNode root) throws FormatException {
        if (!root.path("pre_tokenizer").path("type").asString("").equals("ByteLevel")) {
            throw new FormatException(file + ": " + MODEL + " is supported only over bytes (pre_tokenizer ByteLevel)");
        }
        if (!root.path("model").path("merges").isEmpty()) {
            throw new FormatException(file + ": " + MODEL + " with merges is not supported, only single bytes");
        }
        String[] names = names();
        String[] tokens = TokenizerFile.vocabulary(file, root);
        for (int id = 0; id < IDS; id++) {
            if (tokens.length != IDS || !tokens[id].equals(names[id])) {
                throw new FormatException(
                        file + ": " + MODEL + " is supported only with the 256 bytes as its tokens, each byte's value its id");
            }
        }
        return new ByteTokenizer();
    }

    private static ObjectNode byteLevel() {
        ObjectNode node = JsonFile.object();
        node.put("type", "ByteLevel");
        node.put("add_prefix_space", false);
        node.put("trim_offsets", true);
        node.put("use_regex", false);
        return node;
    }

    /// How `tokenizers` writes bytes as visible characters: printable Latin-1 stands for itself, the rest takes the places
    /// from U+0100 on, in order.
    private static String[] names() {
        String[] names = new String[IDS];
        int next = 0x100;
        for (int value = 0; value < IDS; value++) {
            boolean visible = value >= '!' && value <= '~' || value >= 0xA1 && value <= 0xFF && value != 0xAD;
            names[value] = Character.toString(visible ? value : next++);
        }
        return names;
    }

    private static final class Utf8Stream implements StreamDecoder {
        private final CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder()
                .onMalformedInput(CodingErrorAction.REPLACE).onUnmappableCharacter(CodingErrorAction.REPLACE);
        /// The beginning of a character, at most three bytes, and the byte after it.
        private final ByteBuffer pending = ByteBuffer.allocate(4);
        private final CharBuffer text = CharBuffer.allocate(8);

        @Override
        public String accept(int id) {
            if (id < 0 || id >= IDS) {
                throw new IllegalArgumentException("byte tokenizer: id " + id + " is not in the vocabulary of " + IDS);
            }
            pending.put((byte) id).flip();
            decoder.decode(pending, text, false);
            pending.compact();
            return take();
        }

        @Override
        public String end() {
            pending.flip();
            decoder.decode(pending, text, true);
            decoder.flush(text);
            decoder.reset();
            pending.clear();
            return take();
        }

        private String take() {
            String taken = text.flip().toString();
            text.clear();
            return taken;
        }
    }
}
