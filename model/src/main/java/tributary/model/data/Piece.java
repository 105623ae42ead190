package tributary.model.data;

/// A document, or a part of one that is longer than a piece may be.
///
/// @param document its name
/// @param from how many characters of the document, in UTF-16 units, come before
/// @param length of the whole document
record Piece(String document, String text, long from, long length) {

    static Piece whole(Document document) {
        return new Piece(document.name(), document.text(), 0, document.text().length());
    }

    boolean isFirst() {
        return from == 0;
    }
}
