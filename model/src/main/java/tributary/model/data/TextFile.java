package tributary.model.data;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.util.Optional;

/// A file or an entry of an archive, which can be opened again and again.
///
/// @param name of the document it is
/// @param place where it is, for messages
/// @param trouble what is wrong where it cannot be read, for messages
record TextFile(String name, String place, String trouble, Opener opener) {
    /// A zero byte among so many tells a binary file without reading all of it.
    private static final int HEAD = 8192;

    interface Opener {
        InputStream open() throws IOException;
    }

    /// What has been found to be text.
    interface Text {
        void giveTo(TextStream.Taker taker) throws DataException;
    }

    private interface Use<T> {
        T of(InputStream in) throws IOException;
    }

    /// Reads all of it to see whether it is text; what is longer than a piece is read again when it is given.
    ///
    /// @return none where there is nothing but white space
    /// @throws DataException where it is not text
    Optional<Text> text(Cutting cutting) throws DataException {
        Optional<byte[]> bytes = read(raw -> {
            BufferedInputStream in = new BufferedInputStream(raw, HEAD);
            requireTextAhead(in);
            if (in.available() > cutting.longest()) {
                return Optional.empty(); // a plain file knows it before it is read
            }
            byte[] all = in.readNBytes(cutting.longest());
            return in.read() < 0 ? Optional.of(all) : Optional.empty();
        });
        if (bytes.isPresent()) {
            Document document = new Document(name, Utf8.decode(bytes.get(), place, Utf8.Start.OF_TEXT));
            return document.text().isBlank() ? Optional.empty() : Optional.of(taker -> taker.take(Piece.whole(document)));
        }
        if (cutting.isNever()) {
            return Optional.of(_ -> {
                throw new DataException(place + ": more than " + cutting.longest()
                        + " bytes, too many to be in memory as one; prepare it with tributary tokenize and train on the tokens, or take less");
            });
        }
        Extent extent = read(in -> extent(new PieceReader(in, place, new Cutting(cutting.longest(), String::length))));
        return extent.blank ? Optional.empty() : Optional.of(taker -> give(cutting, extent.length, taker));
    }

    /// @param length in UTF-16 units
    private record Extent(long length, boolean blank) {}

    private static Extent extent(PieceReader pieces) throws IOException {
        long length = 0;
        boolean blank = true;
        for (Optional<String> text = pieces.next(); text.isPresent(); text = pieces.next()) {
            length += text.get().length();
            blank &= text.get().isBlank();
        }
        return new Extent(length, blank);
    }

    private void give(Cutting cutting, long length, TextStream.Taker taker) throws DataException {
        long given = read(in -> {
            PieceReader pieces = new PieceReader(in, place, cutting);
            long from = 0;
            for (Optional<String> text = pieces.next(); text.isPresent(); text = pieces.next()) {
                taker.take(new Piece(name, text.get(), from, length));
                from += text.get().length();
            }
            return from;
        });
        if (given != length) {
            throw new DataException(place + ": has changed while it was read; try again");
        }
    }

    private void requireTextAhead(BufferedInputStream in) throws IOException {
        in.mark(HEAD);
        byte[] head = in.readNBytes(HEAD);
        for (byte b : head) {
            if (b == 0) {
                throw new DataException(place + ": not text: a zero byte among the first " + head.length);
            }
        }
        in.reset();
    }

    private <T> T read(Use<T> use) throws DataException {
        try (InputStream in = opener.open()) {
            return use.of(in);
        } catch (DataException known) {
            throw known;
        } catch (AccessDeniedException denied) {
            throw new DataException(place + ": cannot be read: access denied", denied);
        } catch (IOException broken) {
            throw new DataException(place + ": " + trouble + ": " + broken.getMessage(), broken);
        }
    }
}
