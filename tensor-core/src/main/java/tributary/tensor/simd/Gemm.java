package tributary.tensor.simd;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import tributary.tensor.Shape;
import tributary.tensor.Tensor;
import tributary.tensor.check.Checks;

/// The matrix product c (+)= op(a) op(b) (+ bias) over equal leading axes.
///
/// Three plain loops reach a few percent of what a processor can do. What each step up adds, after Goto and van de Geijn
/// 2008 ("Anatomy of high-performance matrix multiplication") and Van Zee and van de Geijn 2015 (BLIS):
///
/// 1. *Registers.* A tile of c stays in registers while k runs: [GemmTile], the only place that multiplies.
/// 2. *Panels.* Both operands are first rewritten in the order in which tiles read them: [GemmPanels]. This also makes
///    the four forms (either operand transposed or not) one, and pads the edges with zeros.
/// 3. *Blocks.* k is cut into blocks of about [#BLOCK_DEPTH] steps, which are packed one after the other, so that what is
///    packed is still near when it is read. Longer ones are better for the tiles: each begins and ends once a block.
/// 4. *Parts.* c is cut into parts of at most [#PART_ROWS] by [#PART_COLUMNS], an equal share for each thread. What a part
///    reads of b stays in the second cache while the parts below it pass by, and its piece of a while it lasts. Operands
///    are packed once, for all threads; where all of b stays in the second cache, a part's rows just before it is computed.
///
/// The blocks do not depend on the number of threads, and every number of c is summed by one thread in the order of k, whatever
/// part it is in: the bits are the same on any number of threads. Bias and old values are added when a tile is stored; what is
/// done with c's numbers next ([#finish]) follows part by part, while they are in the cache.
final class Gemm {
    private static final int ROWS = GemmTile.ROWS;
    private static final int COLUMNS = GemmTile.COLUMNS;
    private static final int NARROW = GemmTile.NARROW;
    private static final int BLOCK_DEPTH = 800;
    private static final int PART_ROWS = 48;
    /// A block of b as wide as a part, 3 KiB a column, takes two fifths of the second cache.
    private static final int PART_COLUMNS = Math.clamp(SecondCache.BYTES / (4 * BLOCK_DEPTH) * 2 / 5 / 64 * 64, 64, 256);
    /// About how many numbers of either operand are packed at once: 4 MiB, so that they are still near when they are read.
    private static final int PACKED = 1 << 20;
    /// So few numbers of packed b wait in the second cache altogether.
    private static final int NEAR = PART_COLUMNS * BLOCK_DEPTH;
    /// Below this many multiply-adds waking other threads costs more than they save.
    private static final long WORTH_SHARING = 1 << 18;
    private static final float[] NONE = {};

    private final Workers workers;
    private final GemmVector vector;
    private final Workers.Task pack = this::pack;
    private final Workers.Task compute = this::compute;
    private final Workers.Task computeRows = this::computeRows;
    private final float[][] edges;
    private final float[] zeros = new float[COLUMNS];
    private float[] packedA = NONE;
    private float[] packedB = NONE;
    /// The packed rows of the part that each worker is at.
    private final float[][] ownRows;
    private float[] start = NONE;

    // The product at work.
    private float[] a = NONE;
    private float[] b = NONE;
    private float[] c = NONE;
    private int aAt;
    private int bAt;
    private int cAt;
    private int cStart;
    private @Nullable Ranges finish;
    private boolean transposeA;
    private boolean transposeB;
    private boolean accumulate;
    private boolean biased;
    private int m;
    private int n;
    private int k;

    // The piece of it at work: rows [row, row + rows), columns and steps of k alike, of `batches` matrices.
    private int batch;
    private int batches;
    private int row;
    private int rows;
    private int column;
    private int columns;
    private int step;
    private int steps;
    private boolean packA;
    private boolean packB;

    Gemm(Workers workers) {
        this.workers = workers;
        vector = new GemmVector(workers);
        edges = new float[workers.threads()][ROWS * COLUMNS];
        ownRows = new float[workers.threads()][];
        Arrays.fill(ownRows, NONE);
    }

    /// As [tributary.tensor.Kernels#matmul].
    ///
    /// @param finish what is then done with c's elements, by their indices
    void multiply(
            Tensor a, boolean transposeA, Tensor b, boolean transposeB, @Nullable Tensor bias, boolean accumulate, Tensor c,
            @Nullable Ranges finish) {
        Checks.matmul(a, transposeA, b, transposeB, bias, c);
        Shape shape = c.shape();
        m = shape.size(-2);
        n = shape.size(-1);
        k = a.shape().size(transposeA ? -2 : -1);
        this.a = a.array();
        this.b = b.array();
        this.c = c.array();
        this.transposeA = transposeA;
        this.transposeB = transposeB;
        cStart = c.offset();
        this.finish = finish;
        biased = bias != null;
        if (bias != null) {
            start = grown(start, roundUp(n, COLUMNS));
            System.arraycopy(bias.array(), bias.offset(), start, 0, n);
        }
        int matrices = c.elements() / (m * n);
        if (m == 1 || n == 1) {
            vectors(matrices, a.offset(), b.offset(), accumulate, cStart);
            if (finish != null) {
                finish.over(c.elements(), Ranges.CHUNK);
            }
        } else {
            matrices(matrices, a.offset(), b.offset(), accumulate, cStart);
        }
        this.a = NONE;
        this.b = NONE;
        this.c = NONE;
        this.finish = null;
    }

    /// One operand is a vector: nothing is used twice, so nothing is packed.
    private void vectors(int matrices, int a0, int b0, boolean accumulate, int c0) {
        float[] bias = biased ? start : zeros;
        for (int matrix = 0; matrix < matrices; matrix++) {
            int left = a0 + matrix * m * k;
            int right = b0 + matrix * k * n;
            if (m == 1) {
                vector.multiply(b, right, n, k, transposeB, a, left, bias, biased, accumulate, c, c0 + matrix * n);
            } else {
                vector.multiply(a, left, m, k, !transposeA, b, right, bias, false, accumulate, c, c0 + matrix * m);
            }
        }
    }

    private void matrices(int matrices, int a0, int b0, boolean accumulate, int c0) {
        int blocks = Math.max(1, (k + BLOCK_DEPTH / 2) / BLOCK_DEPTH);
        int deepest = GemmPanels.depth((k + blocks - 1) / blocks);
        int mostRows = Math.max(PART_ROWS, PACKED / deepest / PART_ROWS * PART_ROWS);
        int mostColumns = Math.max(PART_COLUMNS, PACKED / deepest / PART_COLUMNS * PART_COLUMNS);
        int mostMatrices = (int) Math.max(1, PACKED / ((long) deepest * Math.max(m, n)));
        boolean whole = m <= mostRows && n <= mostColumns;
        for (batch = 0; batch < matrices; batch += batches) {
            batches = whole ? Math.min(mostMatrices, matrices - batch) : 1;
            aAt = a0 + batch * m * k;
            bAt = b0 + batch * k * n;
            cAt = c0 + batch * m * n;
            for (step = 0; step < k; step += steps) {
                steps = Math.min(deepest, k - step);
                this.accumulate = accumulate || step > 0;
                if ((long) batches * roundUp(n, COLUMNS) * GemmPanels.depth(steps) <= NEAR) {
                    productWithNear();
                } else {
                    product(mostRows, mostColumns);
                }
            }
        }
    }

    /// All of c where all of b stays in the second cache: who computes a part packs its rows just before, which are never far
    /// then, and nobody waits in between.
    private void productWithNear() {
        row = 0;
        rows = m;
        column = 0;
        columns = n;
        packA = false;
        packB = true;
        packedB = grown(packedB, batches * roundUp(n, COLUMNS) * GemmPanels.depth(steps));
        share(batches * columnParts(), pack);
        share(batches * rowParts(), computeRows);
    }

    /// Packs and computes pieces of c that are as large as the packed operands may be.
    private void product(int mostRows, int mostColumns) {
        for (column = 0; column < n; column += columns) {
            columns = Math.min(mostColumns, n - column);
            for (row = 0; row < m; row += rows) {
                rows = Math.min(mostRows, m - row);
                packA = column == 0 || rows < m;
                packB = row == 0;
                packedA = grown(packedA, batches * roundUp(rows, ROWS) * GemmPanels.depth(steps));
                packedB = grown(packedB, batches * roundUp(columns, COLUMNS) * GemmPanels.depth(steps));
                int packing = (packA ? rowParts() : 0) + (packB ? columnParts() : 0);
                share(batches * packing, pack);
                share(batches * rowParts() * columnParts(), compute);
            }
        }
    }

    private void share(int parts, Workers.Task task) {
        if ((long) batches * rows * columns * steps < WORTH_SHARING) {
            for (int part = 0; part < parts; part++) {
                task.run(part, 0);
            }
        } else {
            workers.run(parts, task);
        }
    }

    /// How many parts of equally many tiles, none larger than it may be and none left over for one thread alone.
    private int rowParts() {
        int tiles = tiles(rows, ROWS);
        return roundUp(tiles(rows, PART_ROWS), Math.min(tiles, workers.threads()));
    }

    private int columnParts() {
        return tiles(columns, PART_COLUMNS);
    }

    private int partRow(int part) {
        return Math.min(rows, ROWS * cut(tiles(rows, ROWS), part, rowParts()));
    }

    private int partColumn(int part) {
        return Math.min(columns, COLUMNS * cut(tiles(columns, COLUMNS), part, columnParts()));
    }

    /// Where the share number `share` of `shares` in `count` begins.
    private static int cut(int count, int share, int shares) {
        return (int) ((long) count * share / shares);
    }

    private static int tiles(int lines, int most) {
        return (lines + most - 1) / most;
    }

    /// Parts are numbered worker by worker, so that each packs the rows that it computes with, and computes with the rows
    /// that it wrote in the product before.
    private int share(int count, int worker) {
        return cut(count, worker, workers.threads());
    }

    /// Packs the panels of one part's rows of a, or of one part's columns of b, over all steps.
    private void pack(int part, int worker) {
        int aParts = packA ? batches * rowParts() : 0;
        int bParts = packB ? batches * columnParts() : 0;
        int group = 0;
        while (share(aParts, group + 1) + share(bParts, group + 1) <= part) {
            group++;
        }
        int aPart = part - share(bParts, group);
        if (aPart < share(aParts, group + 1)) {
            int matrix = aPart / rowParts();
            int from = partRow(aPart % rowParts());
            int lines = partRow(aPart % rowParts() + 1) - from;
            packRows(matrix, from, lines, packedA, (matrix * roundUp(rows, ROWS) + from) * GemmPanels.depth(steps));
        } else {
            int bPart = part - share(aParts, group + 1);
            int matrix = bPart / columnParts();
            int from = partColumn(bPart % columnParts());
            int lines = partColumn(bPart % columnParts() + 1) - from;
            int at = bAt + matrix * k * n + (transposeB ? (column + from) * k + step : step * n + column + from);
            panels(transposeB, b, at, transposeB ? k : n, lines, COLUMNS, NARROW, packedB,
                    (matrix * roundUp(columns, COLUMNS) + from) * GemmPanels.depth(steps));
        }
    }

    private void packRows(int matrix, int from, int lines, float[] packed, int to) {
        int at = aAt + matrix * m * k + (transposeA ? step * m + row + from : (row + from) * k + step);
        panels(!transposeA, a, at, transposeA ? m : k, lines, ROWS, ROWS, packed, to);
    }

    /// One panel after the other, all of one depth.
    private void panels(
            boolean along, float[] matrix, int at, int stride, int lines, int width, int narrow, float[] packed, int to) {
        int depth = GemmPanels.depth(steps);
        int line = 0;
        if (!along && lines >= width) {
            int whole = lines / width;
            GemmPanels.copy(matrix, at, stride, whole, steps, width, packed, to, width * depth);
            line = whole * width;
        }
        for (; line < lines; line += width) {
            int held = Math.min(width, lines - line);
            GemmPanels.pack(along, matrix, at + (along ? line * stride : line), stride, held, steps, held <= narrow ? narrow : width,
                    packed, to + line * depth);
        }
    }

    /// Computes one part of c.
    private void compute(int part, int worker) {
        int matrix = part / (rowParts() * columnParts());
        int place = part % (rowParts() * columnParts());
        int group = 0;
        while (share(rowParts(), group + 1) * columnParts() <= place) {
            group++;
        }
        int firstRow = share(rowParts(), group);
        int high = share(rowParts(), group + 1) - firstRow;
        place -= firstRow * columnParts();
        int rowPart = firstRow + place % high;
        int columnPart = place / high;
        int fromRow = partRow(rowPart);
        int endRow = partRow(rowPart + 1);
        int fromColumn = partColumn(columnPart);
        int endColumn = partColumn(columnPart + 1);
        int depth = GemmPanels.depth(steps);
        int panelsA = (matrix * roundUp(rows, ROWS) + fromRow) * depth;
        compute(matrix, packedA, panelsA, fromRow, endRow, fromColumn, endColumn, worker);
    }

    /// Packs one part's rows, and computes all its columns.
    private void computeRows(int part, int worker) {
        int matrix = part / rowParts();
        int from = partRow(part % rowParts());
        int end = partRow(part % rowParts() + 1);
        float[] own = grown(ownRows[worker], roundUp(end - from, ROWS) * GemmPanels.depth(steps));
        ownRows[worker] = own;
        packRows(matrix, from, end - from, own, 0);
        compute(matrix, own, 0, from, end, 0, columns, worker);
    }

    /// @param panelsA where the panels of `fromRow` begin
    private void compute(int matrix, float[] packedA, int panelsA, int fromRow, int endRow, int fromColumn, int endColumn, int worker) {
        int depth = GemmPanels.depth(steps);
        int panelsB = matrix * roundUp(columns, COLUMNS) * depth;
        int corner = cAt + matrix * m * n + row * n + column;
        boolean bias = biased && step == 0;
        for (int j = fromColumn; j < endColumn; j += COLUMNS) {
            for (int i = fromRow; i < endRow; i += ROWS) {
                tile(depth, packedA, panelsA + (i - fromRow) * depth, panelsB + j * depth, bias ? start : zeros, bias ? column + j : 0,
                        corner + i * n + j, Math.min(ROWS, endRow - i), Math.min(COLUMNS, endColumn - j), edges[worker]);
            }
        }
        if (finish != null && step + steps == k) {
            finish(finish, corner - cStart, fromRow, endRow, fromColumn, endColumn, worker);
        }
    }

    /// Hands the elements of a part of c on, row by row unless the rows are whole.
    private void finish(Ranges finish, int corner, int fromRow, int endRow, int fromColumn, int endColumn, int worker) {
        if (endColumn - fromColumn == n) {
            finish.range(corner + fromRow * n, corner + endRow * n, worker);
            return;
        }
        for (int i = fromRow; i < endRow; i++) {
            finish.range(corner + i * n + fromColumn, corner + i * n + endColumn, worker);
        }
    }

    /// One tile of c, of which `high` by `wide` numbers exist.
    private void tile(
            int depth, float[] packedA, int panelA, int panelB, float[] start, int startAt, int at, int high, int wide, float[] edge) {
        boolean add = accumulate;
        if (high == ROWS && wide == COLUMNS) {
            GemmTile.TILE.multiply(depth, packedA, panelA, packedB, panelB, start, startAt, add, c, at, n);
            return;
        }
        if (wide > NARROW) {
            GemmTile.TILE.multiply(depth, packedA, panelA, packedB, panelB, start, startAt, false, edge, 0, COLUMNS);
        } else if (high == ROWS && wide == NARROW) {
            GemmTile.TILE.multiplyNarrow(depth, packedA, panelA, packedB, panelB, start, startAt, add, c, at, n);
            return;
        } else {
            GemmTile.TILE.multiplyNarrow(depth, packedA, panelA, packedB, panelB, start, startAt, false, edge, 0, COLUMNS);
        }
        for (int i = 0; i < high; i++) {
            int to = at + i * n;
            int from = i * COLUMNS;
            for (int j = 0; j < wide; j++) {
                c[to + j] = add ? c[to + j] + edge[from + j] : edge[from + j];
            }
        }
    }

    private static int roundUp(int count, int multiple) {
        return (count + multiple - 1) / multiple * multiple;
    }

    private static float[] grown(float[] buffer, int needed) {
        return buffer.length >= needed ? buffer : new float[needed];
    }
}
