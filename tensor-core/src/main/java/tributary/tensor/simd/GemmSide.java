package tributary.tensor.simd;

import tributary.tensor.Tensor;

/// One operand of a product, as lines of numbers along k: the rows of a, or the columns of b.
final class GemmSide {
    private static final float[] NONE = {};

    /// The lines of a panel.
    private final int width;
    /// The lines of a panel that holds no more than so many.
    private final int narrow;
    private int start;
    private int lines;
    private int k;

    float[] array = NONE;
    /// Whether a line's numbers are neighbours; otherwise those of a step are.
    boolean along;
    /// The lines of the piece at work: [first, first + count).
    int first;
    int count;

    GemmSide(int width, int narrow) {
        this.width = width;
        this.narrow = narrow;
    }

    /// All lines of a stack of matrices, each of `lines` lines and k steps.
    ///
    /// @param along as [#along]
    void set(Tensor matrices, int lines, int k, boolean along) {
        array = matrices.array();
        start = matrices.offset();
        this.lines = lines;
        this.k = k;
        this.along = along;
        first = 0;
        count = lines;
    }

    void clear() {
        array = NONE;
    }

    /// Where a matrix begins.
    int at(int matrix) {
        return start + matrix * lines * k;
    }

    /// How many lines the panels of the piece have room for.
    int padded() {
        return panels() * width;
    }

    /// How many parts there are, of as many panels as each other or one more: of `most` lines, or of what panels they begin, and
    /// none left over for one thread alone.
    int parts(int most, int threads) {
        int each = Math.min(panels(), threads);
        return ((count + most - 1) / most + each - 1) / each * each;
    }

    /// How many lines the panels of the largest of so many parts have room for.
    int largest(int parts) {
        return (panels() + parts - 1) / parts * width;
    }

    /// Where part number `part` of `parts` begins, in lines from the piece's first.
    int edge(int part, int parts) {
        return Math.min(count, (int) ((long) panels() * part / parts) * width);
    }

    private int panels() {
        return (count + width - 1) / width;
    }

    /// Packs `steps` steps, from `step` on, of lines [from, end) of the piece into panels, one after the other and all of one depth.
    ///
    /// @param matrix counted from the tensor's first
    void pack(int matrix, int from, int end, int step, int steps, float[] packed, int to) {
        int at = at(matrix) + (along ? (first + from) * k + step : step * lines + first + from);
        int stride = along ? k : lines;
        int depth = GemmPanels.depth(steps);
        int line = 0;
        if (!along && end - from >= width) {
            int whole = (end - from) / width;
            GemmPanels.copy(array, at, stride, whole, steps, width, packed, to, width * depth);
            line = whole * width;
        }
        for (; line < end - from; line += width) {
            int held = Math.min(width, end - from - line);
            GemmPanels.pack(along, array, at + (along ? line * stride : line), stride, held, steps, held <= narrow ? narrow : width,
                    packed, to + line * depth);
        }
    }
}
