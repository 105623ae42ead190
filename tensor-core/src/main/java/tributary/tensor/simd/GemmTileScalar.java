package tributary.tensor.simd;

import static tributary.tensor.simd.Lanes.fma;

/// 4 rows by 4 columns without vectors: each number loaded is used four times.
final class GemmTileScalar extends GemmTile {

    GemmTileScalar() {
        super(4, 4, 4);
    }

    @Override
    void multiply(
            int depth, float[] a, int aAt, float[] b, int bAt, float[] start, int startAt, boolean add, float[] c, int cAt, int cRow) {
        float c0a = start[startAt];
        float c0b = start[startAt + 1];
        float c0c = start[startAt + 2];
        float c0d = start[startAt + 3];
        float c1a = c0a;
        float c1b = c0b;
        float c1c = c0c;
        float c1d = c0d;
        float c2a = c0a;
        float c2b = c0b;
        float c2c = c0c;
        float c2d = c0d;
        float c3a = c0a;
        float c3b = c0b;
        float c3c = c0c;
        float c3d = c0d;
        for (int p = 0; p < depth; p++) {
            float ba = b[bAt];
            float bb = b[bAt + 1];
            float bc = b[bAt + 2];
            float bd = b[bAt + 3];
            float x = a[aAt];
            c0a = fma(x, ba, c0a);
            c0b = fma(x, bb, c0b);
            c0c = fma(x, bc, c0c);
            c0d = fma(x, bd, c0d);
            x = a[aAt + 1];
            c1a = fma(x, ba, c1a);
            c1b = fma(x, bb, c1b);
            c1c = fma(x, bc, c1c);
            c1d = fma(x, bd, c1d);
            x = a[aAt + 2];
            c2a = fma(x, ba, c2a);
            c2b = fma(x, bb, c2b);
            c2c = fma(x, bc, c2c);
            c2d = fma(x, bd, c2d);
            x = a[aAt + 3];
            c3a = fma(x, ba, c3a);
            c3b = fma(x, bb, c3b);
            c3c = fma(x, bc, c3c);
            c3d = fma(x, bd, c3d);
            aAt += 4;
            bAt += 4;
        }
        put(c, cAt, add, c0a, c0b, c0c, c0d);
        put(c, cAt + cRow, add, c1a, c1b, c1c, c1d);
        put(c, cAt + 2 * cRow, add, c2a, c2b, c2c, c2d);
        put(c, cAt + 3 * cRow, add, c3a, c3b, c3c, c3d);
    }

    @Override
    void multiplyNarrow(
            int depth, float[] a, int aAt, float[] b, int bAt, float[] start, int startAt, boolean add, float[] c, int cAt, int cRow) {
        multiply(depth, a, aAt, b, bAt, start, startAt, add, c, cAt, cRow);
    }

    @Override
    void multiplyRows(int depth, float[] a, int aAt, float[] b, int bAt, float[] c, int cAt, int cRow) {
        float c0a = 0;
        float c0b = 0;
        float c0c = 0;
        float c0d = 0;
        float c1a = 0;
        float c1b = 0;
        float c1c = 0;
        float c1d = 0;
        float c2a = 0;
        float c2b = 0;
        float c2c = 0;
        float c2d = 0;
        float c3a = 0;
        float c3b = 0;
        float c3c = 0;
        float c3d = 0;
        for (int p = 0; p < depth; p++) {
            float ba = b[bAt];
            float bb = b[bAt + 1];
            float bc = b[bAt + 2];
            float bd = b[bAt + 3];
            float x = a[aAt];
            c0a = fma(x, ba, c0a);
            c0b = fma(x, bb, c0b);
            c0c = fma(x, bc, c0c);
            c0d = fma(x, bd, c0d);
            x = a[aAt + 4];
            c1a = fma(x, ba, c1a);
            c1b = fma(x, bb, c1b);
            c1c = fma(x, bc, c1c);
            c1d = fma(x, bd, c1d);
            x = a[aAt + 8];
            c2a = fma(x, ba, c2a);
            c2b = fma(x, bb, c2b);
            c2c = fma(x, bc, c2c);
            c2d = fma(x, bd, c2d);
            x = a[aAt + 12];
            c3a = fma(x, ba, c3a);
            c3b = fma(x, bb, c3b);
            c3c = fma(x, bc, c3c);
            c3d = fma(x, bd, c3d);
            aAt += 1;
            bAt += 4;
        }
        put(c, cAt, true, c0a, c0b, c0c, c0d);
        put(c, cAt + cRow, true, c1a, c1b, c1c, c1d);
        put(c, cAt + 2 * cRow, true, c2a, c2b, c2c, c2d);
        put(c, cAt + 3 * cRow, true, c3a, c3b, c3c, c3d);
    }

    private static void put(float[] c, int at, boolean add, float c0, float c1, float c2, float c3) {
        c[at] = add ? c[at] + c0 : c0;
        c[at + 1] = add ? c[at + 1] + c1 : c1;
        c[at + 2] = add ? c[at + 2] + c2 : c2;
        c[at + 3] = add ? c[at + 3] + c3 : c3;
    }
}
