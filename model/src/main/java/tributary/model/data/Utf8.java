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

    /// What of a text comes before some bytes of it.
    record Start(long bytes, long lines) {
        static final Start OF_TEXT = new Start(0, 0);

        /// What comes before the bytes after these.
        Start after(byte[] more) {
            return new Start(bytes + more.length, lines + Utf8.lines(more, more.length));
        }
    }

    /// The text of UTF-8 bytes, without the byte order mark of a whole text.
    ///
    /// @param start where in a text the bytes begin
    /// @throws DataException where the bytes are not UTF-8 or hold a NUL, as binary files do; names the place
    static String decode(byte[] bytes, String name, Start start) throws DataException {
        String text = new String(bytes, StandardCharsets.UTF_8);
        // Java's own decoder puts U+FFFD for what is malformed. One that really stands in the text is rare: only then is
        // the slow, exact look needed.
        if (text.indexOf(REPLACEMENT) >= 0) {
            int malformed = malformed(bytes);
            if (malformed < bytes.length) {
                throw new DataException(name + ": not UTF-8 text: byte 0x" + Integer.toHexString(Byte.toUnsignedInt(bytes[malformed]))
                        + place(bytes, malformed, start) + "; convert it to UTF-8 first");
            }
        }
        if (text.indexOf('\0') >= 0) {
            int at = 0;
            while (bytes[at] != 0) {
                at++;
            }
            throw new DataException(name + ": not text: a zero byte" + place(bytes, at, start));
        }
        return start.bytes == 0 && text.startsWith(BYTE_ORDER_MARK) ? text.substring(BYTE_ORDER_MARK.length()) : text;
    }

    /// How many of the bytes are whole characters: all but the beginning of one at their end.
    static int whole(byte[] bytes) {
        for (int i = bytes.length - 1; i >= Math.max(0, bytes.length - 3); i--) {
            int value = Byte.toUnsignedInt(bytes[i]);
            if (value >= 0xC0) {
                int length = value >= 0xF0 ? 4 : value >= 0xE0 ? 3 : 2;
                return i + length > bytes.length ? i : bytes.length;
            }
            if (value < 0x80) {
                return bytes.length;
            }
        }
        return bytes.length;
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

    private static String place(byte[] bytes, int at, Start start) {
        return " at place " + (start.bytes + at) + " (line " + (start.lines + lines(bytes, at) + 1) + ")";
    }

    private static int lines(byte[] bytes, int to) {
        int lines = 0;
        for (int i = 0; i < to; i++) {
            if (bytes[i] == '\n') {
                lines++;
            }
        }
        return lines;
    }
}
