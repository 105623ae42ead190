package tributary.model.data;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.HexFormat;
import tributary.model.format.DurableFile;

/// A file of tokens, little-endian: 64 bytes of header, then the ids in two bytes each where the vocabulary fits, else in
/// four.
///
/// | bytes | header |
/// | --- | --- |
/// | 8 | `TRIBTOKN` |
/// | 4 | version, 1 |
/// | 4 | bytes of an id, 2 or 4 |
/// | 8 | number of tokens |
/// | 4 | V, the size of the vocabulary |
/// | 4 | 0 |
/// | 32 | SHA-256 of the tokenizer |
///
/// @param ids what lies behind the header, mapped into memory as a whole, however large it is
record TokenShard(MemorySegment ids, long size, boolean wide) {
    static final int HEADER = 64;

    private static final byte[] MAGIC = "TRIBTOKN".getBytes(StandardCharsets.US_ASCII);
    private static final int VERSION = 1;
    private static final ValueLayout.OfChar NARROW = ValueLayout.JAVA_CHAR.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt WIDE = ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN);

    int get(long index) {
        return wide ? ids.getAtIndex(WIDE, index) : ids.getAtIndex(NARROW, index);
    }

    /// Writes `count` ids, from place `from`, to `target[at]` and on.
    void copy(long from, int count, int[] target, int at) {
        if (wide) {
            MemorySegment.copy(ids, WIDE, from * Integer.BYTES, target, at, count);
        } else {
            for (int i = 0; i < count; i++) {
                target[at + i] = ids.getAtIndex(NARROW, from + i);
            }
        }
    }

    /// Whether ids of a vocabulary take four bytes.
    static boolean isWide(int vocabulary) {
        return vocabulary > 1 << Character.SIZE;
    }

    static ByteBuffer header(long size, int vocabulary, String tokenizer) {
        ByteBuffer header = ByteBuffer.allocate(HEADER).order(ByteOrder.LITTLE_ENDIAN);
        header.put(MAGIC).putInt(VERSION).putInt(isWide(vocabulary) ? Integer.BYTES : Character.BYTES).putLong(size);
        return header.putInt(vocabulary).putInt(0).put(HexFormat.of().parseHex(tokenizer)).flip();
    }

    /// Writes a file, whole or not at all.
    ///
    /// @param ids as the file has them
    /// @param tokenizer its SHA-256
    static void write(Path file, ByteBuffer ids, int vocabulary, String tokenizer) throws IOException {
        ByteBuffer header = header(ids.remaining() / (isWide(vocabulary) ? Integer.BYTES : Character.BYTES), vocabulary, tokenizer);
        DurableFile.write(file, channel -> {
            for (ByteBuffer part : new ByteBuffer[] {header, ids}) {
                while (part.hasRemaining()) {
                    channel.write(part);
                }
            }
        });
    }

    /// Opens a file. It stays mapped as long as somebody holds it.
    ///
    /// @param tokenizer the SHA-256 the file has to name
    /// @throws DataException where it is missing, broken, or of another tokenizer
    static TokenShard open(Path file, int vocabulary, String tokenizer) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new DataException(file + ": there is no such file; tokenize again");
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            ByteBuffer header = ByteBuffer.allocate(HEADER).order(ByteOrder.LITTLE_ENDIAN);
            while (header.hasRemaining() && channel.read(header) >= 0) {
                // the rest
            }
            byte[] magic = new byte[MAGIC.length];
            if (header.flip().remaining() == HEADER) {
                header.get(magic);
            }
            if (!Arrays.equals(magic, MAGIC)) {
                throw new DataException(file + ": no file of tokens");
            }
            int version = header.getInt();
            if (version != VERSION) {
                throw new DataException(
                        file + ": version " + version + " of the format is not known, only " + VERSION + "; tokenize again");
            }
            int width = header.getInt();
            long size = header.getLong();
            int found = header.getInt();
            header.getInt();
            byte[] hash = new byte[32];
            header.get(hash);
            if (found != vocabulary || !HexFormat.of().formatHex(hash).equals(tokenizer)) {
                throw new DataException(file + ": made with another tokenizer than the one beside it; tokenize again");
            }
            boolean wide = isWide(vocabulary);
            if (size < 0 || width != (wide ? Integer.BYTES : Character.BYTES) || channel.size() - HEADER != size * width) {
                throw new DataException(
                        file + ": has " + channel.size() + " bytes, and its header speaks of " + size + " tokens of " + width
                                + " bytes; tokenize again");
            }
            MemorySegment mapped = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), Arena.ofAuto());
            return new TokenShard(mapped.asSlice(HEADER), size, wide);
        }
    }
}
