package tributary.model.data;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Optional;

/// Cuts a stream of UTF-8 bytes into pieces of text, never inside a character.
final class PieceReader {
    /// How many times longer a piece may become that has no place to be cut.
    private static final int GROWTH = 16;

    private final InputStream in;
    private final String place;
    private final Cutting cutting;
    private Utf8.Start start = Utf8.Start.OF_TEXT;
    /// The beginning of a character whose other bytes have not been read.
    private byte[] held = {};
    /// Text that has not been given.
    private String rest = "";
    private long given;
    private boolean end;

    PieceReader(InputStream in, String place, Cutting cutting) {
        this.in = in;
        this.place = place;
        this.cutting = cutting;
    }

    /// The next piece; none at the end.
    ///
    /// @throws DataException where the bytes are not text, or too many of them have no place to be cut
    Optional<String> next() throws IOException {
        while (!end) {
            read(Math.max(cutting.longest(), rest.length()));
            int cut = end ? rest.length() : cutting.last().applyAsInt(rest);
            if (cut > 0) {
                String piece = rest.substring(0, cut);
                rest = rest.substring(cut);
                given += cut;
                return Optional.of(piece);
            }
            if (rest.length() > (long) GROWTH * cutting.longest()) {
                throw new DataException(place + ": from character " + given + " on there are " + rest.length()
                        + " without white space at which they can be cut; break them into lines");
            }
        }
        return Optional.empty();
    }

    private void read(int wanted) throws IOException {
        byte[] more = in.readNBytes(wanted);
        end = more.length < wanted;
        byte[] bytes = Arrays.copyOf(held, held.length + more.length);
        System.arraycopy(more, 0, bytes, held.length, more.length);
        int whole = end ? bytes.length : Utf8.whole(bytes);
        held = Arrays.copyOfRange(bytes, whole, bytes.length);
        byte[] characters = Arrays.copyOf(bytes, whole);
        rest += Utf8.decode(characters, place, start);
        start = start.after(characters);
    }
}
