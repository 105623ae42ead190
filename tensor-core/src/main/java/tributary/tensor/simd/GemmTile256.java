package tributary.tensor.simd;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/// 4 rows by 16 columns on 256-bit vectors: 8 accumulators hide the latency of two multiply-add units of 4 cycles, and
/// with two vectors of b and four broadcasts they fit the 16 registers of AVX2. Taller tiles spill there.
///
/// So short a turn is limited by its number of instructions too: places in a and b come from one counter, which takes one or two
/// fewer than a counter for each, and is felt most where another's work shares the core.
final class GemmTile256 extends GemmTile {
    private static final VectorSpecies<Float> LANES = FloatVector.SPECIES_256;

    GemmTile256() {
        super(4, 16, 8);
    }

    @Override
    void multiply(
            int depth, float[] a, int aAt, float[] b, int bAt, float[] start, int startAt, boolean add, float[] c, int cAt, int cRow) {
        FloatVector start0 = FloatVector.fromArray(LANES, start, startAt);
        FloatVector start1 = FloatVector.fromArray(LANES, start, startAt + 8);
        FloatVector c0a = start0;
        FloatVector c0b = start1;
        FloatVector c1a = start0;
        FloatVector c1b = start1;
        FloatVector c2a = start0;
        FloatVector c2b = start1;
        FloatVector c3a = start0;
        FloatVector c3b = start1;
        for (int p = 0; p < 4 * depth; p += 4) {
            FloatVector ba = FloatVector.fromArray(LANES, b, bAt + 4 * p);
            FloatVector bb = FloatVector.fromArray(LANES, b, bAt + 4 * p + 8);
            FloatVector x = FloatVector.broadcast(LANES, a[aAt + p]);
            c0a = x.fma(ba, c0a);
            c0b = x.fma(bb, c0b);
            x = FloatVector.broadcast(LANES, a[aAt + p + 1]);
            c1a = x.fma(ba, c1a);
            c1b = x.fma(bb, c1b);
            x = FloatVector.broadcast(LANES, a[aAt + p + 2]);
            c2a = x.fma(ba, c2a);
            c2b = x.fma(bb, c2b);
            x = FloatVector.broadcast(LANES, a[aAt + p + 3]);
            c3a = x.fma(ba, c3a);
            c3b = x.fma(bb, c3b);
        }
        if (add) {
            c0a = c0a.add(FloatVector.fromArray(LANES, c, cAt));
            c0b = c0b.add(FloatVector.fromArray(LANES, c, cAt + 8));
            c1a = c1a.add(FloatVector.fromArray(LANES, c, cAt + cRow));
            c1b = c1b.add(FloatVector.fromArray(LANES, c, cAt + cRow + 8));
            c2a = c2a.add(FloatVector.fromArray(LANES, c, cAt + 2 * cRow));
            c2b = c2b.add(FloatVector.fromArray(LANES, c, cAt + 2 * cRow + 8));
            c3a = c3a.add(FloatVector.fromArray(LANES, c, cAt + 3 * cRow));
            c3b = c3b.add(FloatVector.fromArray(LANES, c, cAt + 3 * cRow + 8));
        }
        c0a.intoArray(c, cAt);
        c0b.intoArray(c, cAt + 8);
        c1a.intoArray(c, cAt + cRow);
        c1b.intoArray(c, cAt + cRow + 8);
        c2a.intoArray(c, cAt + 2 * cRow);
        c2b.intoArray(c, cAt + 2 * cRow + 8);
        c3a.intoArray(c, cAt + 3 * cRow);
        c3b.intoArray(c, cAt + 3 * cRow + 8);
    }

    @Override
    void multiplyNarrow(
            int depth, float[] a, int aAt, float[] b, int bAt, float[] start, int startAt, boolean add, float[] c, int cAt, int cRow) {
        FloatVector start0 = FloatVector.fromArray(LANES, start, startAt);
        FloatVector c0a = start0;
        FloatVector c1a = start0;
        FloatVector c2a = start0;
        FloatVector c3a = start0;
        for (int p = 0; p < depth; p += 1) {
            FloatVector ba = FloatVector.fromArray(LANES, b, bAt);
            FloatVector x = FloatVector.broadcast(LANES, a[aAt]);
            c0a = x.fma(ba, c0a);
            x = FloatVector.broadcast(LANES, a[aAt + 1]);
            c1a = x.fma(ba, c1a);
            x = FloatVector.broadcast(LANES, a[aAt + 2]);
            c2a = x.fma(ba, c2a);
            x = FloatVector.broadcast(LANES, a[aAt + 3]);
            c3a = x.fma(ba, c3a);
            aAt += 4;
            bAt += 8;
        }
        if (add) {
            c0a = c0a.add(FloatVector.fromArray(LANES, c, cAt));
            c1a = c1a.add(FloatVector.fromArray(LANES, c, cAt + cRow));
            c2a = c2a.add(FloatVector.fromArray(LANES, c, cAt + 2 * cRow));
            c3a = c3a.add(FloatVector.fromArray(LANES, c, cAt + 3 * cRow));
        }
        c0a.intoArray(c, cAt);
        c1a.intoArray(c, cAt + cRow);
        c2a.intoArray(c, cAt + 2 * cRow);
        c3a.intoArray(c, cAt + 3 * cRow);
    }

    @Override
    void multiplyRows(int depth, float[] a, int aAt, float[] b, int bAt, float[] c, int cAt, int cRow) {
        FloatVector c0a = FloatVector.zero(LANES);
        FloatVector c0b = FloatVector.zero(LANES);
        FloatVector c1a = FloatVector.zero(LANES);
        FloatVector c1b = FloatVector.zero(LANES);
        FloatVector c2a = FloatVector.zero(LANES);
        FloatVector c2b = FloatVector.zero(LANES);
        FloatVector c3a = FloatVector.zero(LANES);
        FloatVector c3b = FloatVector.zero(LANES);
        for (int p = 0; p < depth; p += 1) {
            FloatVector ba = FloatVector.fromArray(LANES, b, bAt);
            FloatVector bb = FloatVector.fromArray(LANES, b, bAt + 8);
            FloatVector x = FloatVector.broadcast(LANES, a[aAt]);
            c0a = x.fma(ba, c0a);
            c0b = x.fma(bb, c0b);
            x = FloatVector.broadcast(LANES, a[aAt + 16]);
            c1a = x.fma(ba, c1a);
            c1b = x.fma(bb, c1b);
            x = FloatVector.broadcast(LANES, a[aAt + 32]);
            c2a = x.fma(ba, c2a);
            c2b = x.fma(bb, c2b);
            x = FloatVector.broadcast(LANES, a[aAt + 48]);
            c3a = x.fma(ba, c3a);
            c3b = x.fma(bb, c3b);
            aAt += 1;
            bAt += 16;
        }
        c0a = c0a.add(FloatVector.fromArray(LANES, c, cAt));
        c0b = c0b.add(FloatVector.fromArray(LANES, c, cAt + 8));
        c1a = c1a.add(FloatVector.fromArray(LANES, c, cAt + cRow));
        c1b = c1b.add(FloatVector.fromArray(LANES, c, cAt + cRow + 8));
        c2a = c2a.add(FloatVector.fromArray(LANES, c, cAt + 2 * cRow));
        c2b = c2b.add(FloatVector.fromArray(LANES, c, cAt + 2 * cRow + 8));
        c3a = c3a.add(FloatVector.fromArray(LANES, c, cAt + 3 * cRow));
        c3b = c3b.add(FloatVector.fromArray(LANES, c, cAt + 3 * cRow + 8));
        c0a.intoArray(c, cAt);
        c0b.intoArray(c, cAt + 8);
        c1a.intoArray(c, cAt + cRow);
        c1b.intoArray(c, cAt + cRow + 8);
        c2a.intoArray(c, cAt + 2 * cRow);
        c2b.intoArray(c, cAt + 2 * cRow + 8);
        c3a.intoArray(c, cAt + 3 * cRow);
        c3b.intoArray(c, cAt + 3 * cRow + 8);
    }
}
