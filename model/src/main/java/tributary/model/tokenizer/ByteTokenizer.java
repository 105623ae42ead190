package tributary.model.tokenizer;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
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
    private static final int IDS = ByteLevel.BYTES;
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
        return new Utf8Stream(id -> {
            if (id < 0 || id >= IDS) {
                throw new IllegalArgumentException("byte tokenizer: id " + id + " is not in the vocabulary of " + IDS);
            }
            return new byte[] {(byte) id};
        });
    }

    @Override
    public String json() {
        ObjectNode root = TokenizerFile.frame();
        root.set("pre_tokenizer", ByteLevel.step(false));
        root.set("decoder", ByteLevel.step(false));
        ObjectNode model = root.putObject("model");
        model.put("type", BpeTokenizer.MODEL);
        ObjectNode vocabulary = model.putObject("vocab");
        for (int id = 0; id < IDS; id++) {
            vocabulary.put(ByteLevel.name(id), id);
        }
        model.putArray("merges");
        return JsonFile.text(root);
    }

    static ByteTokenizer read(Path file, ObjectNode root) throws FormatException {
        String[] tokens = TokenizerFile.vocabulary(file, root);
        for (int id = 0; id < IDS; id++) {
            if (tokens.length != IDS || !tokens[id].equals(ByteLevel.name(id))) {
                throw new FormatException(
                        file + ": " + BpeTokenizer.MODEL
                                + " over whole texts is supported only with the 256 bytes as its tokens, each byte's value its id");
            }
        }
        return new ByteTokenizer();
    }
}
