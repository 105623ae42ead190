package tributary.model.data;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;

/// Bytes to text, strictly.
final class Utf8 {
    private static final char REPLACEMENT = '\uFFFD';
    private static final String BYTE_ORDER_MARK = "\uFEFF";

    private Utf8() {}

    /// The text of UTF-8 bytes, without a byte order mark.
    ///
    /// @throws DataException where the bytes are not UTF-8 or hold a NUL, as binary files do; names the place
    static String decode(byte[] bytes, String name) throws DataException {
        String text = new String(bytes, StandardCharsets.UTF_8);
        // Java's own decoder puts U+FFFD for what is malformed. One that really stands in the text is rare: only then is
        // the slow, exact look needed.
        if (text.indexOf(REPLACEMENT) >= 0) {
            int malformed = malformed(bytes);
            if (malformed < bytes.length) {
                throw new DataException(name + ": not UTF-8 text: byte 0x" + Integer.toHexString(Byte.toUnsignedInt(bytes[malformed]))
                        + place(bytes, malformed) + "; convert it to UTF-8 first");
            }
        }
        if (text.indexOf('\0') >= 0) {
            int at = 0;
            while (bytes[at] != 0) {
                at++;
            }
            throw new DataException(name + ": not text: a zero byte" + place(bytes, at));
        }
        return text.startsWith(BYTE_ORDER_MARK) ? text.substring(BYTE_ORDER_MARK.length()) : text;
    }

    /// How many bytes a text takes.
    static long length(String text) {
        long bytes = 0;
        for (int i = 0; i < text.length(); i++) {
            char unit = text.charAt(i);
            // A surrogate is half of a character of four bytes.
            bytes += unit < 0x80 ? 1 : unit < 0x800 || Character.isSurrogate(unit) ? 2 : 3;
        }
        return bytes;
    }

    /// The first byte that does not belong, or the length where all do.
    private static int malformed(byte[] bytes) {
        CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
        ByteBuffer in = ByteBuffer.wrap(bytes);
        CharBuffer out = CharBuffer.allocate(8192);
        CoderResult result;
        do {
            out.clear();
            result = decoder.decode(in, out, true);
        } while (result.isOverflow());
        return in.position();
    }

    private static String place(byte[] bytes, int at) {
        int line = 1;
        for (int i = 0; i < at; i++) {
            if (bytes[i] == '\n') {
                line++;
            }
        }
        return " at place " + at + " (line " + line + ")";
    }
}
