package tributary.tensor.simd;

import java.lang.invoke.VarHandle;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/// 6 rows by 16 columns on 256-bit vectors: 12 accumulators, two vectors of b and two broadcasts are the 16 registers of AVX2.
///
/// The compiler loads early what it can, and would keep the broadcasts of a whole turn waiting in registers that do not exist. A
/// fence ([Lanes#FENCED]) keeps loads from moving up. (Called here by its name: of a method this long the compiler inlines calls of
/// ours no more. Other processors have 32 registers.) Four steps a turn save most of the loop's own instructions, which count: a core takes four to six a
/// cycle, and fewer where another's work shares it, and the 20 of a step are done in 6.
final class GemmTile256 extends GemmTile {
    private static final VectorSpecies<Float> LANES = FloatVector.SPECIES_256;

    GemmTile256() {
        super(6, 16, 8);
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
        FloatVector c4a = start0;
        FloatVector c4b = start1;
        FloatVector c5a = start0;
        FloatVector c5b = start1;
        for (int p = 0; p < depth; p += 4) {
            FloatVector ba = FloatVector.fromArray(LANES, b, bAt);
            FloatVector bb = FloatVector.fromArray(LANES, b, bAt + 8);
            FloatVector x = FloatVector.broadcast(LANES, a[aAt]);
            c0a = x.fma(ba, c0a);
            c0b = x.fma(bb, c0b);
            x = FloatVector.broadcast(LANES, a[aAt + 1]);
            c1a = x.fma(ba, c1a);
            c1b = x.fma(bb, c1b);
            if (Lanes.FENCED) {
                VarHandle.loadLoadFence();
            }
            x = FloatVector.broadcast(LANES, a[aAt + 2]);
            c2a = x.fma(ba, c2a);
            c2b = x.fma(bb, c2b);
            x = FloatVector.broadcast(LANES, a[aAt + 3]);
            c3a = x.fma(ba, c3a);
            c3b = x.fma(bb, c3b);
            if (Lanes.FENCED) {
                VarHandle.loadLoadFence();
            }
            x = FloatVector.broadcast(LANES, a[aAt + 4]);
            c4a = x.fma(ba, c4a);
            c4b = x.fma(bb, c4b);
            x = FloatVector.broadcast(LANES, a[aAt + 5]);
            c5a = x.fma(ba, c5a);
            c5b = x.fma(bb, c5b);
            if (Lanes.FENCED) {
                VarHandle.loadLoadFence();
            }
            ba = FloatVector.fromArray(LANES, b, bAt + 16);
            bb = FloatVector.fromArray(LANES, b, bAt + 24);
            x = FloatVector.broadcast(LANES, a[aAt + 6]);
            c0a = x.fma(ba, c0a);
            c0b = x.fma(bb, c0b);
            x = FloatVector.broadcast(LANES, a[aAt + 7]);
            c1a = x.fma(ba, c1a);
            c1b = x.fma(bb, c1b);
            if (Lanes.FENCED) {
                VarHandle.loadLoadFence();
            }
            x = FloatVector.broadcast(LANES, a[aAt + 8]);
            c2a = x.fma(ba, c2a);
            c2b = x.fma(bb, c2b);
            x = FloatVector.broadcast(LANES, a[aAt + 9]);
            c3a = x.fma(ba, c3a);
            c3b = x.fma(bb, c3b);
            if (Lanes.FENCED) {
                VarHandle.loadLoadFence();
            }
            x = FloatVector.broadcast(LANES, a[aAt + 10]);
            c4a = x.fma(ba, c4a);
            c4b = x.fma(bb, c4b);
            x = FloatVector.broadcast(LANES, a[aAt + 11]);
            c5a = x.fma(ba, c5a);
            c5b = x.fma(bb, c5b);
            if (Lanes.FENCED) {
                VarHandle.loadLoadFence();
            }
            ba = FloatVector.fromArray(LANES, b, bAt + 32);
            bb = FloatVector.fromArray(LANES, b, bAt + 40);
            x = FloatVector.broadcast(LANES, a[aAt + 12]);
            c0a = x.fma(ba, c0a);
            c0b = x.fma(bb, c0b);
            x = FloatVector.broadcast(LANES, a[aAt + 13]);
            c1a = x.fma(ba, c1a);
            c1b = x.fma(bb, c1b);
            if (Lanes.FENCED) {
                VarHandle.loadLoadFence();
            }
            x = FloatVector.broadcast(LANES, a[aAt + 14]);
            c2a = x.fma(ba, c2a);
            c2b = x.fma(bb, c2b);
            x = FloatVector.broadcast(LANES, a[aAt + 15]);
            c3a = x.fma(ba, c3a);
            c3b = x.fma(bb, c3b);
            if (Lanes.FENCED) {
                VarHandle.loadLoadFence();
            }
            x = FloatVector.broadcast(LANES, a[aAt + 16]);
            c4a = x.fma(ba, c4a);
            c4b = x.fma(bb, c4b);
            x = FloatVector.broadcast(LANES, a[aAt + 17]);
            c5a = x.fma(ba, c5a);
            c5b = x.fma(bb, c5b);
            if (Lanes.FENCED) {
                VarHandle.loadLoadFence();
            }
            ba = FloatVector.fromArray(LANES, b, bAt + 48);
            bb = FloatVector.fromArray(LANES, b, bAt + 56);
            x = FloatVector.broadcast(LANES, a[aAt + 18]);
            c0a = x.fma(ba, c0a);
            c0b = x.fma(bb, c0b);
            x = FloatVector.broadcast(LANES, a[aAt + 19]);
            c1a = x.fma(ba, c1a);
            c1b = x.fma(bb, c1b);
            if (Lanes.FENCED) {
                VarHandle.loadLoadFence();
            }
            x = FloatVector.broadcast(LANES, a[aAt + 20]);
            c2a = x.fma(ba, c2a);
            c2b = x.fma(bb, c2b);
            x = FloatVector.broadcast(LANES, a[aAt + 21]);
            c3a = x.fma(ba, c3a);
            c3b = x.fma(bb, c3b);
            if (Lanes.FENCED) {
                VarHandle.loadLoadFence();
            }
            x = FloatVector.broadcast(LANES, a[aAt + 22]);
            c4a = x.fma(ba, c4a);
            c4b = x.fma(bb, c4b);
            x = FloatVector.broadcast(LANES, a[aAt + 23]);
            c5a = x.fma(ba, c5a);
            c5b = x.fma(bb, c5b);
            aAt += 24;
            bAt += 64;
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
            c4a = c4a.add(FloatVector.fromArray(LANES, c, cAt + 4 * cRow));
            c4b = c4b.add(FloatVector.fromArray(LANES, c, cAt + 4 * cRow + 8));
            c5a = c5a.add(FloatVector.fromArray(LANES, c, cAt + 5 * cRow));
            c5b = c5b.add(FloatVector.fromArray(LANES, c, cAt + 5 * cRow + 8));
        }
        c0a.intoArray(c, cAt);
        c0b.intoArray(c, cAt + 8);
        c1a.intoArray(c, cAt + cRow);
        c1b.intoArray(c, cAt + cRow + 8);
        c2a.intoArray(c, cAt + 2 * cRow);
        c2b.intoArray(c, cAt + 2 * cRow + 8);
        c3a.intoArray(c, cAt + 3 * cRow);
        c3b.intoArray(c, cAt + 3 * cRow + 8);
        c4a.intoArray(c, cAt + 4 * cRow);
        c4b.intoArray(c, cAt + 4 * cRow + 8);
        c5a.intoArray(c, cAt + 5 * cRow);
        c5b.intoArray(c, cAt + 5 * cRow + 8);
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
            aAt += 6;
            bAt += 8;
        }
        if (add) {
            c0a = c0a.add(FloatVector.fromArray(LANES, c, cAt));
            c1a = c1a.add(FloatVector.fromArray(LANES, c, cAt + cRow));
            c2a = c2a.add(FloatVector.fromArray(LANES, c, cAt + 2 * cRow));
            c3a = c3a.add(FloatVector.fromArray(LANES, c, cAt + 3 * cRow));
            c4a = c4a.add(FloatVector.fromArray(LANES, c, cAt + 4 * cRow));
            c5a = c5a.add(FloatVector.fromArray(LANES, c, cAt + 5 * cRow));
        }
        c0a.intoArray(c, cAt);
        c1a.intoArray(c, cAt + cRow);
        c2a.intoArray(c, cAt + 2 * cRow);
        c3a.intoArray(c, cAt + 3 * cRow);
        c4a.intoArray(c, cAt + 4 * cRow);
        c5a.intoArray(c, cAt + 5 * cRow);
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
        for (int p = 0; p < depth; p += 1) {
            FloatVector ba = FloatVector.fromArray(LANES, b, bAt);
            FloatVector bb = FloatVector.fromArray(LANES, b, bAt + 8);
            FloatVector x = FloatVector.broadcast(LANES, a[aAt]);
            c0a = x.fma(ba, c0a);
            c0b = x.fma(bb, c0b);
            x = FloatVector.broadcast(LANES, a[aAt + 16]);
            c1a = x.fma(ba, c1a);
            c1b = x.fma(bb, c1b);
            if (Lanes.FENCED) {
                VarHandle.loadLoadFence();
            }
            x = FloatVector.broadcast(LANES, a[aAt + 32]);
            c2a = x.fma(ba, c2a);
            c2b = x.fma(bb, c2b);
            x = FloatVector.broadcast(LANES, a[aAt + 48]);
            c3a = x.fma(ba, c3a);
            c3b = x.fma(bb, c3b);
            if (Lanes.FENCED) {
                VarHandle.loadLoadFence();
            }
            x = FloatVector.broadcast(LANES, a[aAt + 64]);
            c4a = x.fma(ba, c4a);
            c4b = x.fma(bb, c4b);
            x = FloatVector.broadcast(LANES, a[aAt + 80]);
            c5a = x.fma(ba, c5a);
            c5b = x.fma(bb, c5b);
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
        c4a = c4a.add(FloatVector.fromArray(LANES, c, cAt + 4 * cRow));
        c4b = c4b.add(FloatVector.fromArray(LANES, c, cAt + 4 * cRow + 8));
        c5a = c5a.add(FloatVector.fromArray(LANES, c, cAt + 5 * cRow));
        c5b = c5b.add(FloatVector.fromArray(LANES, c, cAt + 5 * cRow + 8));
        c0a.intoArray(c, cAt);
        c0b.intoArray(c, cAt + 8);
        c1a.intoArray(c, cAt + cRow);
        c1b.intoArray(c, cAt + cRow + 8);
        c2a.intoArray(c, cAt + 2 * cRow);
        c2b.intoArray(c, cAt + 2 * cRow + 8);
        c3a.intoArray(c, cAt + 3 * cRow);
        c3b.intoArray(c, cAt + 3 * cRow + 8);
        c4a.intoArray(c, cAt + 4 * cRow);
        c4b.intoArray(c, cAt + 4 * cRow + 8);
        c5a.intoArray(c, cAt + 5 * cRow);
        c5b.intoArray(c, cAt + 5 * cRow + 8);
    }
}
