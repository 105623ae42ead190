package tributary.localsgd.report;

import java.util.List;
import java.util.stream.Stream;
import tributary.localsgd.figure.Figure;

/// A part of a report with a title of its own.
///
/// @param id its name in the page
record Section(String id, String title, List<Block> blocks) {

    Section {
        blocks = List.copyOf(blocks);
    }

    Stream<Figure> figures() {
        return blocks.stream().flatMap(block -> switch (block) {
            case Block.Drawing drawing -> Stream.of(drawing.figure());
            case Block.Choice choice -> choice.figures().values().stream();
            case Block.Prose _,Block.Facts _,Block.Grid _,Block.Excerpt _,Block.Folded _ -> Stream.empty();
        });
    }
}
