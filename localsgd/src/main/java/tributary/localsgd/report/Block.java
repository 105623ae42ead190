package tributary.localsgd.report;

import java.util.List;
import java.util.Map;
import tributary.localsgd.figure.Figure;

/// A part of a section. Its texts are plain: the page escapes them.
sealed interface Block {

    /// A paragraph.
    record Prose(String text) implements Block {}

    /// Names and what they are.
    record Facts(String title, Map<String, String> rows) implements Block {}

    /// A table with a head. Where `numbers`, every column but the first is of numbers.
    record Grid(String title, List<String> head, List<List<String>> rows, boolean numbers) implements Block {}

    /// A picture.
    record Drawing(Figure figure) implements Block {}

    /// Pictures of which one is shown at a time, chosen by name.
    record Choice(String title, Map<String, Figure> figures) implements Block {}

    /// A text as it is, such as a sample.
    record Excerpt(String title, String text) implements Block {}

    /// Something that is shown when asked for.
    record Folded(String title, Block content) implements Block {}
}
