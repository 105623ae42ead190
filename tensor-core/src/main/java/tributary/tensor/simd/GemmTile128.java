package tributary.tensor.simd;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/// 8 rows by 8 columns on 128-bit vectors: 16 accumulators, two vectors of b and the broadcasts fit the 32 registers of
/// NEON and of AVX-512VL.
final class GemmTile128 extends GemmTile {
    private static final VectorSpecies<Float> LANES = FloatVector.SPECIES_128;

    GemmTile128() {
        super(8, 8, 4);
    }

    @Override
    void multiply(
            int depth, float[] a, int aAt, float[] b, int bAt, float[] start, int startAt, boolean add, float[] c, int cAt, int cRow) {
        FloatVector start0 = FloatVector.fromArray(LANES, start, startAt);
        FloatVector start1 = FloatVector.fromArray(LANES, start, startAt + 4);
        FloatVector c0a = start0;
        FloatVector c0b = start1;
        FloatVector c1a = start0;
        FloatVector c1b = start1;
        FloatVector c2a = start0;
        FloatVector c2b = start1;
        FloatVector c3a = start0;
        FloatVector c3b = start1;
        FloatVector c4a = start0;
        FloatVector c4b = start1;
        FloatVector c5a = start0;
        FloatVector c5b = start1;
        FloatVector c6a = start0;
        FloatVector c6b = start1;
        FloatVector c7a = start0;
        FloatVector c7b = start1;
        for (int p = 0; p < depth; p += 1) {
            FloatVector ba = FloatVector.fromArray(LANES, b, bAt);
            FloatVector bb = FloatVector.fromArray(LANES, b, bAt + 4);
            FloatVector x = FloatVector.broadcast(LANES, a[aAt]);
            c0a = x.fma(ba, c0a);
            c0b = x.fma(bb, c0b);
            x = FloatVector.broadcast(LANES, a[aAt + 1]);
            c1a = x.fma(ba, c1a);
            c1b = x.fma(bb, c1b);
            x = FloatVector.broadcast(LANES, a[aAt + 2]);
            c2a = x.fma(ba, c2a);
            c2b = x.fma(bb, c2b);
            x = FloatVector.broadcast(LANES, a[aAt + 3]);
            c3a = x.fma(ba, c3a);
            c3b = x.fma(bb, c3b);
            x = FloatVector.broadcast(LANES, a[aAt + 4]);
            c4a = x.fma(ba, c4a);
            c4b = x.fma(bb, c4b);
            x = FloatVector.broadcast(LANES, a[aAt + 5]);
            c5a = x.fma(ba, c5a);
            c5b = x.fma(bb, c5b);
            x = FloatVector.broadcast(LANES, a[aAt + 6]);
            c6a = x.fma(ba, c6a);
            c6b = x.fma(bb, c6b);
            x = FloatVector.broadcast(LANES, a[aAt + 7]);
            c7a = x.fma(ba, c7a);
            c7b = x.fma(bb, c7b);
            aAt += 8;
            bAt += 8;
        }
        if (add) {
            c0a = c0a.add(FloatVector.fromArray(LANES, c, cAt));
            c0b = c0b.add(FloatVector.fromArray(LANES, c, cAt + 4));
            c1a = c1a.add(FloatVector.fromArray(LANES, c, cAt + cRow));
            c1b = c1b.add(FloatVector.fromArray(LANES, c, cAt + cRow + 4));
            c2a = c2a.add(FloatVector.fromArray(LANES, c, cAt + 2 * cRow));
            c2b = c2b.add(FloatVector.fromArray(LANES, c, cAt + 2 * cRow + 4));
            c3a = c3a.add(FloatVector.fromArray(LANES, c, cAt + 3 * cRow));
            c3b = c3b.add(FloatVector.fromArray(LANES, c, cAt + 3 * cRow + 4));
            c4a = c4a.add(FloatVector.fromArray(LANES, c, cAt + 4 * cRow));
            c4b = c4b.add(FloatVector.fromArray(LANES, c, cAt + 4 * cRow + 4));
            c5a = c5a.add(FloatVector.fromArray(LANES, c, cAt + 5 * cRow));
            c5b = c5b.add(FloatVector.fromArray(LANES, c, cAt + 5 * cRow + 4));
            c6a = c6a.add(FloatVector.fromArray(LANES, c, cAt + 6 * cRow));
            c6b = c6b.add(FloatVector.fromArray(LANES, c, cAt + 6 * cRow + 4));
            c7a = c7a.add(FloatVector.fromArray(LANES, c, cAt + 7 * cRow));
            c7b = c7b.add(FloatVector.fromArray(LANES, c, cAt + 7 * cRow + 4));
        }
        c0a.intoArray(c, cAt);
        c0b.intoArray(c, cAt + 4);
        c1a.intoArray(c, cAt + cRow);
        c1b.intoArray(c, cAt + cRow + 4);
        c2a.intoArray(c, cAt + 2 * cRow);
        c2b.intoArray(c, cAt + 2 * cRow + 4);
        c3a.intoArray(c, cAt + 3 * cRow);
        c3b.intoArray(c, cAt + 3 * cRow + 4);
        c4a.intoArray(c, cAt + 4 * cRow);
        c4b.intoArray(c, cAt + 4 * cRow + 4);
        c5a.intoArray(c, cAt + 5 * cRow);
        c5b.intoArray(c, cAt + 5 * cRow + 4);
        c6a.intoArray(c, cAt + 6 * cRow);
        c6b.intoArray(c, cAt + 6 * cRow + 4);
        c7a.intoArray(c, cAt + 7 * cRow);
        c7b.intoArray(c, cAt + 7 * cRow + 4);
    }

    @Override
    void multiplyNarrow(
            int depth, float[] a, int aAt, float[] b, int bAt, float[] start, int startAt, boolean add, float[] c, int cAt, int cRow) {
        FloatVector start0 = FloatVector.fromArray(LANES, start, startAt);
        FloatVector c0a = start0;
        FloatVector c1a = start0;
        FloatVector c2a = start0;
        FloatVector c3a = start0;
        FloatVector c4a = start0;
        FloatVector c5a = start0;
        FloatVector c6a = start0;
        FloatVector c7a = start0;
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
            x = FloatVector.broadcast(LANES, a[aAt + 4]);
            c4a = x.fma(ba, c4a);
            x = FloatVector.broadcast(LANES, a[aAt + 5]);
            c5a = x.fma(ba, c5a);
            x = FloatVector.broadcast(LANES, a[aAt + 6]);
            c6a = x.fma(ba, c6a);
            x = FloatVector.broadcast(LANES, a[aAt + 7]);
            c7a = x.fma(ba, c7a);
            aAt += 8;
            bAt += 4;
        }
        if (add) {
            c0a = c0a.add(FloatVector.fromArray(LANES, c, cAt));
            c1a = c1a.add(FloatVector.fromArray(LANES, c, cAt + cRow));
            c2a = c2a.add(FloatVector.fromArray(LANES, c, cAt + 2 * cRow));
            c3a = c3a.add(FloatVector.fromArray(LANES, c, cAt + 3 * cRow));
            c4a = c4a.add(FloatVector.fromArray(LANES, c, cAt + 4 * cRow));
            c5a = c5a.add(FloatVector.fromArray(LANES, c, cAt + 5 * cRow));
            c6a = c6a.add(FloatVector.fromArray(LANES, c, cAt + 6 * cRow));
            c7a = c7a.add(FloatVector.fromArray(LANES, c, cAt + 7 * cRow));
        }
        c0a.intoArray(c, cAt);
        c1a.intoArray(c, cAt + cRow);
        c2a.intoArray(c, cAt + 2 * cRow);
        c3a.intoArray(c, cAt + 3 * cRow);
        c4a.intoArray(c, cAt + 4 * cRow);
        c5a.intoArray(c, cAt + 5 * cRow);
        c6a.intoArray(c, cAt + 6 * cRow);
        c7a.intoArray(c, cAt + 7 * cRow);
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
        FloatVector c4a = FloatVector.zero(LANES);
        FloatVector c4b = FloatVector.zero(LANES);
        FloatVector c5a = FloatVector.zero(LANES);
        FloatVector c5b = FloatVector.zero(LANES);
        FloatVector c6a = FloatVector.zero(LANES);
        FloatVector c6b = FloatVector.zero(LANES);
        FloatVector c7a = FloatVector.zero(LANES);
        FloatVector c7b = FloatVector.zero(LANES);
        for (int p = 0; p < depth; p += 1) {
            FloatVector ba = FloatVector.fromArray(LANES, b, bAt);
            FloatVector bb = FloatVector.fromArray(LANES, b, bAt + 4);
            FloatVector x = FloatVector.broadcast(LANES, a[aAt]);
            c0a = x.fma(ba, c0a);
            c0b = x.fma(bb, c0b);
            x = FloatVector.broadcast(LANES, a[aAt + 8]);
            c1a = x.fma(ba, c1a);
            c1b = x.fma(bb, c1b);
            x = FloatVector.broadcast(LANES, a[aAt + 16]);
            c2a = x.fma(ba, c2a);
            c2b = x.fma(bb, c2b);
            x = FloatVector.broadcast(LANES, a[aAt + 24]);
            c3a = x.fma(ba, c3a);
            c3b = x.fma(bb, c3b);
            x = FloatVector.broadcast(LANES, a[aAt + 32]);
            c4a = x.fma(ba, c4a);
            c4b = x.fma(bb, c4b);
            x = FloatVector.broadcast(LANES, a[aAt + 40]);
            c5a = x.fma(ba, c5a);
            c5b = x.fma(bb, c5b);
            x = FloatVector.broadcast(LANES, a[aAt + 48]);
            c6a = x.fma(ba, c6a);
            c6b = x.fma(bb, c6b);
            x = FloatVector.broadcast(LANES, a[aAt + 56]);
            c7a = x.fma(ba, c7a);
            c7b = x.fma(bb, c7b);
            aAt += 1;
            bAt += 8;
        }
        c0a = c0a.add(FloatVector.fromArray(LANES, c, cAt));
        c0b = c0b.add(FloatVector.fromArray(LANES, c, cAt + 4));
        c1a = c1a.add(FloatVector.fromArray(LANES, c, cAt + cRow));
        c1b = c1b.add(FloatVector.fromArray(LANES, c, cAt + cRow + 4));
        c2a = c2a.add(FloatVector.fromArray(LANES, c, cAt + 2 * cRow));
        c2b = c2b.add(FloatVector.fromArray(LANES, c, cAt + 2 * cRow + 4));
        c3a = c3a.add(FloatVector.fromArray(LANES, c, cAt + 3 * cRow));
        c3b = c3b.add(FloatVector.fromArray(LANES, c, cAt + 3 * cRow + 4));
        c4a = c4a.add(FloatVector.fromArray(LANES, c, cAt + 4 * cRow));
        c4b = c4b.add(FloatVector.fromArray(LANES, c, cAt + 4 * cRow + 4));
        c5a = c5a.add(FloatVector.fromArray(LANES, c, cAt + 5 * cRow));
        c5b = c5b.add(FloatVector.fromArray(LANES, c, cAt + 5 * cRow + 4));
        c6a = c6a.add(FloatVector.fromArray(LANES, c, cAt + 6 * cRow));
        c6b = c6b.add(FloatVector.fromArray(LANES, c, cAt + 6 * cRow + 4));
        c7a = c7a.add(FloatVector.fromArray(LANES, c, cAt + 7 * cRow));
        c7b = c7b.add(FloatVector.fromArray(LANES, c, cAt + 7 * cRow + 4));
        c0a.intoArray(c, cAt);
        c0b.intoArray(c, cAt + 4);
        c1a.intoArray(c, cAt + cRow);
        c1b.intoArray(c, cAt + cRow + 4);
        c2a.intoArray(c, cAt + 2 * cRow);
        c2b.intoArray(c, cAt + 2 * cRow + 4);
        c3a.intoArray(c, cAt + 3 * cRow);
        c3b.intoArray(c, cAt + 3 * cRow + 4);
        c4a.intoArray(c, cAt + 4 * cRow);
        c4b.intoArray(c, cAt + 4 * cRow + 4);
        c5a.intoArray(c, cAt + 5 * cRow);
        c5b.intoArray(c, cAt + 5 * cRow + 4);
        c6a.intoArray(c, cAt + 6 * cRow);
        c6b.intoArray(c, cAt + 6 * cRow + 4);
        c7a.intoArray(c, cAt + 7 * cRow);
        c7b.intoArray(c, cAt + 7 * cRow + 4);
    }
}
