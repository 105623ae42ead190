package tributary.localsgd;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tributary.autograd.ParameterStore;
import tributary.tensor.Shape;
import tributary.tensor.Tensor;

/// The parameters in parts that are synchronised one after the other: whole transformer blocks, each in one fragment. What
/// stands before the first block goes with it, what follows the last block with that one.
///
/// @param ranges of each fragment; each parameter stands in exactly one of them
public record Fragments(List<List<Range>> ranges) {
    private static final Pattern BLOCK = Pattern.compile(".*\\.h\\.(\\d+)\\..*");

    /// Which blocks share a fragment, of P fragments and L blocks.
    public enum Choice {
        /// Block l belongs to fragment l mod P.
        STRIDED,
        /// Block l belongs to fragment floor(l P / L).
        SEQUENTIAL
    }

    /// Neighbours in the flat vector.
    public record Range(int from, int elements) {

        /// This range of a flat vector.
        public Tensor of(Tensor flat) {
            return flat.range(from, Shape.of(elements));
        }
    }

    public Fragments {
        ranges = ranges.stream().map(List::copyOf).toList();
    }

    /// P.
    public int count() {
        return ranges.size();
    }

    /// Cuts a model into fragments.
    ///
    /// @param count P
    /// @throws IllegalArgumentException where there are fewer blocks than fragments
    public static Fragments of(ParameterStore.Layout layout, int count, Choice choice) {
        int blocks = 1 + layout.entries().stream().mapToInt(entry -> block(entry.name(), 0)).max().orElse(0);
        if (count < 1 || count > blocks) {
            throw new IllegalArgumentException(
                    "fragments " + count + " do not fit " + blocks + " transformer blocks; each fragment needs at least one");
        }
        List<List<Range>> ranges = new ArrayList<>();
        for (int p = 0; p < count; p++) {
            ranges.add(new ArrayList<>());
        }
        int block = 0;
        for (ParameterStore.Entry entry : layout.entries()) {
            block = block(entry.name(), block);
            int p = choice == Choice.STRIDED ? block % count : (int) ((long) block * count / blocks);
            add(ranges.get(p), entry.offset(), entry.shape().elements());
        }
        return new Fragments(ranges);
    }

    /// The block a parameter belongs to: its own, or else that of its neighbour before it.
    private static int block(String name, int before) {
        Matcher own = BLOCK.matcher(name);
        return own.matches() ? Integer.parseInt(own.group(1)) : before;
    }

    private static void add(List<Range> ranges, int from, int elements) {
        if (!ranges.isEmpty() && ranges.getLast().from + ranges.getLast().elements == from) {
            Range before = ranges.removeLast();
            ranges.add(new Range(before.from, before.elements + elements));
        } else {
            ranges.add(new Range(from, elements));
        }
    }
}
