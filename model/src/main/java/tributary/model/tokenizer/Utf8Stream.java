package tributary.model.tokenizer;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.function.IntFunction;

/// Ids that stand for bytes, to text. A character waits until its last byte is there.
final class Utf8Stream implements StreamDecoder {
    private final IntFunction<byte[]> bytesOf;
    private final CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder()
            .onMalformedInput(CodingErrorAction.REPLACE).onUnmappableCharacter(CodingErrorAction.REPLACE);
    /// The beginning of a character, at most three bytes.
    private byte[] pending = {};

    /// @param bytesOf the bytes of an id; refuses one that is not in the vocabulary
    Utf8Stream(IntFunction<byte[]> bytesOf) {
        this.bytesOf = bytesOf;
    }

    @Override
    public String accept(int id) {
        return decode(bytesOf.apply(id), false);
    }

    @Override
    public String end() {
        String rest = decode(new byte[0], true);
        decoder.reset();
        return rest;
    }

    private String decode(byte[] more, boolean end) {
        ByteBuffer bytes = ByteBuffer.allocate(pending.length + more.length).put(pending).put(more).flip();
        CharBuffer text = CharBuffer.allocate(bytes.remaining() + 1); // no byte makes more than one UTF-16 unit
        decoder.decode(bytes, text, end);
        if (end) {
            decoder.flush(text);
        }
        pending = new byte[bytes.remaining()];
        bytes.get(pending);
        return text.flip().toString();
    }
}
