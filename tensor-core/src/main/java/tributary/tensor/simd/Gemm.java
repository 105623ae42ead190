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
/// 4. *Parts.* The longer side of c is cut into parts, an equal share for each thread. Who computes a part packs its lines just
///    before, and they stay in the second cache of that core while the other operand, the common one, passes by. It does so in
///    sections, so that a thread that is done early can help. Many threads share the packing of the common operand, few do not.
///
/// The blocks do not depend on the number of threads, and every number of c is summed by one thread in the order of k, whatever
/// part it is in: the bits are the same on any number of threads. Bias and old values are added when a tile is stored; what is
/// done with c's numbers next ([#finish]) follows strip by strip, while they are in the cache.
final class Gemm {
    private static final int ROWS = GemmTile.ROWS;
    private static final int COLUMNS = GemmTile.COLUMNS;
    private static final int NARROW = GemmTile.NARROW;
    private static final int BLOCK_DEPTH = 800;
    /// The most lines of a part, and of a section: 3 KiB each in a block, together three fifths of the second cache.
    private static final int LINES = Math.clamp(SecondCache.BYTES / (4 * BLOCK_DEPTH) * 3 / 10, 64, 192);
    /// So few numbers of b stay in the second cache altogether. Then parts are rows, and few, which the first cache may hold;
    /// more where a is transposed, whose rows are better read many at a time.
    private static final int NEAR = SecondCache.BYTES / 10;
    private static final int NEAR_PART = 48;
    /// A tile's columns of b are read once for so many rows.
    private static final int STRIP = 48;
    /// With no more threads than this, each packs the whole common side for itself if the second cache of its core can hold it:
    /// that takes less time than fetching what another core has packed, and nobody waits.
    private static final int APART = 2;
    /// About how many numbers of the common side are packed at once: 4 MiB, so that they are still near when they are read.
    static final int PACKED = 1 << 20;
    /// Below this many multiply-adds waking other threads costs more than they save.
    private static final long WORTH_SHARING = 1 << 18;
    private static final float[] NONE = {};

    private final Workers workers;
    private final int packed;
    private final GemmVector vector;
    private final Workers.Task pack = this::pack;
    private final Workers.Task compute = this::compute;
    private final float[][] edges;
    private final float[] zeros = new float[COLUMNS];
    private float[] start = NONE;

    // The product at work.
    private final GemmSide left = new GemmSide(ROWS, ROWS);
    private final GemmSide right = new GemmSide(COLUMNS, NARROW);
    private float[] c = NONE;
    private int cStart;
    private @Nullable Ranges finish;
    private boolean accumulate;
    private boolean biased;
    private int m;
    private int n;
    private int k;

    // The piece of it at work: lines of the common side, all lines of the other, steps of k, of `batches` matrices.
    private GemmSide common = right;
    private GemmSide own = left;
    private boolean near;
    private int batch;
    private int batches;
    private int step;
    private int steps;
    private int depth;
    private int commonParts;
    private int ownParts;
    private int sections;
    private boolean apart;
    /// The common side packed, once for all workers or by each for itself, and which sections are.
    private final float[][] commonPanels;
    private final boolean[][] packedSections;
    /// What each worker has packed of the other side, and which part that is.
    private final float[][] ownPanels;
    private final int[] ownPart;

    /// @param packed as [#PACKED]
    Gemm(Workers workers, int packed) {
        this.workers = workers;
        this.packed = packed;
        vector = new GemmVector(workers);
        edges = new float[workers.threads()][ROWS * COLUMNS];
        commonPanels = new float[workers.threads()][];
        Arrays.fill(commonPanels, NONE);
        packedSections = new boolean[workers.threads()][0];
        ownPanels = new float[workers.threads()][];
        Arrays.fill(ownPanels, NONE);
        ownPart = new int[workers.threads()];
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
        left.set(a, m, k, !transposeA);
        right.set(b, n, k, transposeB);
        this.c = c.array();
        this.finish = finish;
        biased = bias != null;
        if (bias != null) {
            start = grown(start, right.padded());
            System.arraycopy(bias.array(), bias.offset(), start, 0, n);
        }
        int matrices = c.elements() / (m * n);
        if (m == 1 || n == 1) {
            vectors(matrices, accumulate, c.offset());
            if (finish != null) {
                finish.over(c.elements(), Ranges.CHUNK);
            }
        } else {
            matrices(matrices, accumulate, c.offset());
        }
        left.clear();
        right.clear();
        this.c = NONE;
        this.finish = null;
    }

    /// One operand is a vector: nothing is used twice, so nothing is packed.
    private void vectors(int matrices, boolean accumulate, int c0) {
        float[] bias = biased ? start : zeros;
        float[] a = left.array;
        float[] b = right.array;
        for (int matrix = 0; matrix < matrices; matrix++) {
            if (m == 1) {
                vector.multiply(
                        b, right.at(matrix), n, k, right.along, a, left.at(matrix), bias, biased, accumulate, c, c0 + matrix * n);
            } else {
                vector.multiply(
                        a, left.at(matrix), m, k, left.along, b, right.at(matrix), bias, false, accumulate, c, c0 + matrix * m);
            }
        }
    }

    private void matrices(int matrices, boolean accumulate, int c0) {
        int blocks = Math.max(1, (k + BLOCK_DEPTH / 2) / BLOCK_DEPTH);
        int deepest = GemmPanels.depth((k + blocks - 1) / blocks);
        near = (long) right.padded() * deepest <= NEAR;
        boolean byRows = near || m >= n;
        common = byRows ? right : left;
        own = byRows ? left : right;
        int lines = byRows ? n : m;
        int most = Math.max(1, packed / deepest / (ROWS * COLUMNS)) * ROWS * COLUMNS;
        int together = lines > most ? 1 : Math.max(1, packed / deepest / lines);
        cStart = c0;
        for (batch = 0; batch < matrices; batch += batches) {
            batches = Math.min(together, matrices - batch);
            for (step = 0; step < k; step += steps) {
                steps = Math.min(deepest, k - step);
                depth = GemmPanels.depth(steps);
                this.accumulate = accumulate || step > 0;
                for (common.first = 0; common.first < lines; common.first += common.count) {
                    common.count = Math.min(most, lines - common.first);
                    product();
                }
            }
        }
    }

    /// The piece at work: parts of one side for who computes them, against sections of the other. With many threads there are few
    /// parts for each, so that sections are halved until there is enough to hand over.
    private void product() {
        int threads = workers.threads();
        ownParts = own.parts(near && own.along ? NEAR_PART : Math.clamp(own.count / (4 * threads), NEAR_PART, LINES), threads);
        sections = near ? 1 : common.parts(LINES, 1);
        while (ownParts * sections < 2 * threads && 2 * sections * COLUMNS <= common.count) {
            sections *= 2;
        }
        Arrays.fill(ownPart, -1);
        apart = threads <= APART && batches * common.padded() * depth <= SecondCache.BYTES / Float.BYTES;
        if (apart) {
            for (int worker = 0; worker < threads; worker++) {
                packedSections[worker] = cleared(packedSections[worker], batches * sections);
            }
        } else {
            commonPanels[0] = grown(commonPanels[0], batches * common.padded() * depth);
            commonParts = common.parts(LINES, threads);
            share(batches * commonParts, pack);
        }
        share(batches * ownParts * sections, compute);
    }

    private void share(int parts, Workers.Task task) {
        if ((long) batches * left.count * right.count * steps < WORTH_SHARING) {
            for (int part = 0; part < parts; part++) {
                task.run(part, 0);
            }
        } else {
            workers.run(parts, task);
        }
    }

    private void pack(int part, int worker) {
        packCommon(part / commonParts, part % commonParts, commonParts, commonPanels[0]);
    }

    private void packCommon(int matrix, int part, int parts, float[] panels) {
        int from = common.edge(part, parts);
        common.pack(batch + matrix, from, common.edge(part + 1, parts), step, steps, panels, (matrix * common.padded() + from) * depth);
    }

    /// Computes one section of one part; packs the part, and the section where workers do so apart, unless this worker has.
    private void compute(int unit, int worker) {
        int part = unit / sections;
        int section = unit % sections;
        int matrix = part / ownParts;
        int from = own.edge(part % ownParts, ownParts);
        int end = own.edge(part % ownParts + 1, ownParts);
        if (ownPart[worker] != part) {
            ownPanels[worker] = grown(ownPanels[worker], own.largest(ownParts) * depth);
            own.pack(batch + matrix, from, end, step, steps, ownPanels[worker], 0);
            ownPart[worker] = part;
            if (near && sections == 1 && !accumulate && common.count == n) { // so the part is whole rows, and computed once
                fetch(matrix, from, end);
            }
        }
        if (apart && !packedSections[worker][matrix * sections + section]) {
            commonPanels[worker] = grown(commonPanels[worker], batches * common.padded() * depth);
            packCommon(matrix, section, sections, commonPanels[worker]);
            packedSections[worker][matrix * sections + section] = true;
        }
        int commonFrom = common.edge(section, sections);
        int commonEnd = common.edge(section + 1, sections);
        int commonAt = matrix * common.padded() * depth;
        float[] panels = ownPanels[worker];
        float[] others = commonPanels[apart ? worker : 0];
        if (own == left) {
            section(matrix, panels, -from * depth, from, end, others, commonAt, commonFrom, commonEnd, worker);
        } else {
            section(matrix, others, commonAt, commonFrom, commonEnd, panels, -from * depth, from, end, worker);
        }
    }

    /// Brings rows of c near by writing zeros, which the tiles overwrite. Where k is short, tiles follow each other so closely that their
    /// own stores, scattered over the rows, would wait for memory.
    private void fetch(int matrix, int fromRow, int endRow) {
        int corner = cStart + (batch + matrix) * m * n;
        Arrays.fill(c, corner + fromRow * n, corner + endRow * n, 0f);
    }

    /// Rows [fromRow, endRow) and columns [fromColumn, endColumn) of the piece.
    ///
    /// @param a0 where the panels of row 0 begin, or would begin
    /// @param b0 the same of column 0
    private void section(
            int matrix, float[] a, int a0, int fromRow, int endRow, float[] b, int b0, int fromColumn, int endColumn, int worker) {
        int corner = cStart + ((batch + matrix) * m + left.first) * n + right.first;
        boolean bias = biased && step == 0;
        for (int strip = fromRow; strip < endRow; strip += STRIP) {
            int endStrip = Math.min(endRow, strip + STRIP);
            for (int j = fromColumn; j < endColumn; j += COLUMNS) {
                for (int i = strip; i < endStrip; i += ROWS) {
                    tile(a, a0 + i * depth, b, b0 + j * depth, bias ? start : zeros, bias ? right.first + j : 0, corner + i * n + j,
                            Math.min(ROWS, endRow - i), Math.min(COLUMNS, endColumn - j), edges[worker]);
                }
            }
            if (finish != null && step + steps == k) {
                finish(finish, corner - cStart, strip, endStrip, fromColumn, endColumn, worker);
            }
        }
    }

    /// Hands the elements of a strip on, row by row unless the rows are whole.
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
            float[] a, int aAt, float[] b, int bAt, float[] start, int startAt, int at, int high, int wide, float[] edge) {
        boolean add = accumulate;
        if (high == ROWS && wide == COLUMNS) {
            GemmTile.TILE.multiply(depth, a, aAt, b, bAt, start, startAt, add, c, at, n);
            return;
        }
        if (wide > NARROW) {
            GemmTile.TILE.multiply(depth, a, aAt, b, bAt, start, startAt, false, edge, 0, COLUMNS);
        } else if (high == ROWS && wide == NARROW) {
            GemmTile.TILE.multiplyNarrow(depth, a, aAt, b, bAt, start, startAt, add, c, at, n);
            return;
        } else {
            GemmTile.TILE.multiplyNarrow(depth, a, aAt, b, bAt, start, startAt, false, edge, 0, COLUMNS);
        }
        for (int i = 0; i < high; i++) {
            int to = at + i * n;
            int from = i * COLUMNS;
            for (int j = 0; j < wide; j++) {
                c[to + j] = add ? c[to + j] + edge[from + j] : edge[from + j];
            }
        }
    }

    private static boolean[] cleared(boolean[] flags, int needed) {
        if (flags.length < needed) {
            return new boolean[needed];
        }
        Arrays.fill(flags, 0, needed, false);
        return flags;
    }

    private static float[] grown(float[] buffer, int needed) {
        return buffer.length >= needed ? buffer : new float[needed];
    }
}
