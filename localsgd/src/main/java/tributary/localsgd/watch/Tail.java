package tributary.localsgd.watch;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Reads a file of lines that grows, and that a resumed run cuts back to an earlier line and writes on from there. Half a line
/// at its end is left until the rest is there.
///
/// The last line read is read again each time: as long as it is what it was, nothing before it has changed either, because every
/// line holds the time at which it was written.
final class Tail {
    /// A change of the file since it was last read.
    ///
    /// @param kept how many of the lines read so far are still there, the first ones
    /// @param added the lines that follow them now
    record Change(int kept, List<String> added) {}

    private static final int MOST_BYTES_AT_ONCE = 1 << 20;

    private final Path file;
    private final List<Integer> hashes = new ArrayList<>();
    private byte[] last = new byte[0];
    private long end;

    Tail(Path file) {
        this.file = file;
    }

    /// What has happened since the last call; the lines may be only the first of many, and the next call has the others.
    ///
    /// @throws IOException where the file cannot be read, or is none of lines
    Change read() throws IOException {
        try (SeekableByteChannel channel = Files.newByteChannel(file)) {
            long lastStart = end - last.length;
            byte[] bytes = bytes(channel, lastStart, last.length + MOST_BYTES_AT_ONCE);
            if (bytes.length >= last.length && Arrays.equals(bytes, 0, last.length, last, 0, last.length)) {
                int kept = hashes.size();
                return new Change(kept, lines(bytes, last.length));
            }
            return reread(channel);
        } catch (NoSuchFileException e) {
            forget();
            return new Change(0, List.of());
        }
    }

    /// The file is another: finds how much of it is as before.
    private Change reread(SeekableByteChannel channel) throws IOException {
        List<Integer> before = List.copyOf(hashes);
        forget();
        while (true) {
            byte[] bytes = bytes(channel, end, MOST_BYTES_AT_ONCE);
            int known = hashes.size();
            List<String> lines = lines(bytes, 0);
            for (int i = 0; i < lines.size(); i++) {
                if (known + i >= before.size() || !before.get(known + i).equals(hashes.get(known + i))) {
                    return new Change(known + i, lines.subList(i, lines.size()));
                }
            }
            if (lines.isEmpty()) {
                return new Change(known, List.of());
            }
        }
    }

    private void forget() {
        hashes.clear();
        last = new byte[0];
        end = 0;
    }

    private static byte[] bytes(SeekableByteChannel channel, long start, int most) throws IOException {
        long there = Math.max(0, channel.size() - start);
        ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(there, most));
        channel.position(start);
        while (bytes.hasRemaining() && channel.read(bytes) >= 0) {
            // until it is full, or the file was cut meanwhile
        }
        return Arrays.copyOf(bytes.array(), bytes.position());
    }

    /// Takes in the whole lines of what follows `end`.
    private List<String> lines(byte[] bytes, int from) throws IOException {
        List<String> lines = new ArrayList<>();
        int start = from;
        for (int i = from; i < bytes.length; i++) {
            if (bytes[i] == '\n') {
                last = Arrays.copyOfRange(bytes, start, i + 1);
                hashes.add(Arrays.hashCode(last));
                end += last.length;
                lines.add(new String(bytes, start, i - start, StandardCharsets.UTF_8));
                start = i + 1;
            }
        }
        if (lines.isEmpty() && bytes.length - from == MOST_BYTES_AT_ONCE) {
            throw new IOException(file + " has a line of more than " + MOST_BYTES_AT_ONCE + " bytes; it is no metrics file");
        }
        return lines;
    }
}
