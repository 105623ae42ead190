package tributary.model.data;

import java.util.ArrayList;
import java.util.List;

/// Documents in a fixed order, read one at a time, long ones in pieces, each time they are asked for: more text than memory
/// holds.
interface TextStream {

    /// Takes a document, or the next piece of one.
    interface Taker {
        void take(Piece piece) throws DataException;
    }

    /// What is known when all documents have been read.
    ///
    /// @param description a few words for people: what this is
    /// @param remarks whole lines for people: what was left out, what would be better
    record Reading(String description, List<String> remarks) {}

    /// Reads all documents; none of them is empty.
    ///
    /// @throws DataException where there is none, or a text cannot be used; one line that says which
    Reading each(Cutting cutting, Taker taker) throws DataException;

    /// All of it in memory.
    default Corpus corpus() throws DataException {
        List<Document> documents = new ArrayList<>();
        Reading reading = each(Cutting.NEVER, piece -> documents.add(new Document(piece.document(), piece.text())));
        return new Corpus(reading.description, documents, reading.remarks);
    }
}
