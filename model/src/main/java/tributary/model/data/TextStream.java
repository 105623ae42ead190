package tributary.model.data;

import java.util.ArrayList;
import java.util.List;

/// Documents in a fixed order, read one at a time each time they are asked for: more text than memory holds.
interface TextStream {

    /// Takes a document.
    interface Taker {
        void take(Document document) throws DataException;
    }

    /// What is known when all documents have been read.
    ///
    /// @param description a few words for people: what this is
    /// @param remarks whole lines for people: what was left out, what would be better
    record Reading(String description, List<String> remarks) {}

    /// Reads all documents; none of them is empty.
    ///
    /// @throws DataException where there is none, or a text cannot be used; one line that says which
    Reading each(Taker taker) throws DataException;

    /// All of it in memory.
    default Corpus corpus() throws DataException {
        List<Document> documents = new ArrayList<>();
        Reading reading = each(documents::add);
        return new Corpus(reading.description, documents, reading.remarks);
    }
}
