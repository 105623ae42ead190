package tributary.model.data;

import java.util.ArrayList;
import java.util.List;
import tributary.model.tokenizer.Tokenizer;

/// Text: documents in a fixed order, none of them empty.
///
/// @param description a few words for people: what this is
/// @param documents in the order of their names
/// @param remarks whole lines for people: what was left out, what would be better
public record Corpus(String description, List<Document> documents, List<String> remarks) {

    public Corpus {
        documents = List.copyOf(documents);
        remarks = List.copyOf(remarks);
    }

    /// How many characters, in UTF-16 units, all documents have together.
    public long length() {
        return documents.stream().mapToLong(document -> document.text().length()).sum();
    }

    /// How many bytes the text takes as UTF-8.
    public long bytes() {
        return documents.stream().mapToLong(document -> Utf8.length(document.text())).sum();
    }

    /// The ids of all documents, one after the other.
    ///
    /// @throws DataException where the tokenizer has no token for a character; names the document
    public Tokens tokens(Tokenizer tokenizer) throws DataException {
        return tokens(tokenizer, new ArrayList<>());
    }

    /// As [#tokens(Tokenizer)].
    ///
    /// @param sections where each document stands, added
    Tokens tokens(Tokenizer tokenizer, List<Section> sections) throws DataException {
        Tokens.Builder tokens = new Tokens.Builder(tokenizer.vocabularySize());
        for (Document document : documents) {
            int from = tokens.size();
            try {
                tokenizer.encode(document.text(), tokens);
            } catch (IllegalArgumentException unknown) {
                throw new DataException(document.name() + ": " + unknown.getMessage(), unknown);
            }
            sections.add(new Section(document.name(), from, tokens.size()));
        }
        return tokens.build();
    }
}
