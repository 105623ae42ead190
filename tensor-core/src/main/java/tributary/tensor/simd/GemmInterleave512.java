package tributary.tensor.simd;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/// Interleaves 12 or 16 lines by 16 steps in registers of 512 bits. Number by number, packing the left operand is a
/// quarter of the time of a product with 128 columns.
///
/// Two exchanges bring four lines together, [line 0, 1, 2, 3] of one step after the other; two more put the fours of all
/// lines side by side. An exchange picks 16 numbers from two vectors: indices from 16 on mean the second. It works on
/// int vectors, whose indices need no conversion.
final class GemmInterleave512 {
    /// Steps taken at once.
    static final int STEPS = 16;

    private static final VectorSpecies<Float> LANES = FloatVector.SPECIES_512;
    /// One number of each in turn, from the first or the second half.
    private static final IntVector ZIP_LOW = index(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    private static final IntVector ZIP_HIGH = index(8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
    /// Two numbers of each in turn.
    private static final IntVector PAIRS_LOW = index(0, 1, 16, 17, 2, 3, 18, 19, 4, 5, 20, 21, 6, 7, 22, 23);
    private static final IntVector PAIRS_HIGH = index(8, 9, 24, 25, 10, 11, 26, 27, 12, 13, 28, 29, 14, 15, 30, 31);
    /// Four numbers of each in turn.
    private static final IntVector FOURS_LOW = index(0, 1, 2, 3, 16, 17, 18, 19, 4, 5, 6, 7, 20, 21, 22, 23);
    private static final IntVector FOURS_HIGH = index(8, 9, 10, 11, 24, 25, 26, 27, 12, 13, 14, 15, 28, 29, 30, 31);
    /// Eight numbers of each.
    private static final IntVector EIGHTS_LOW = index(0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23);
    private static final IntVector EIGHTS_HIGH = index(8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31);
    /// Twelve lines: four steps of three fours fill three vectors. First the fours of two groups of lines, with gaps ...
    private static final IntVector TWO_0 = index(0, 1, 2, 3, 16, 17, 18, 19, 0, 0, 0, 0, 4, 5, 6, 7);
    private static final IntVector TWO_1 = index(20, 21, 22, 23, 0, 0, 0, 0, 8, 9, 10, 11, 24, 25, 26, 27);
    private static final IntVector TWO_2 = index(0, 0, 0, 0, 12, 13, 14, 15, 28, 29, 30, 31, 0, 0, 0, 0);
    /// ... then those of the third in the gaps.
    private static final IntVector THIRD_0 = index(0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 12, 13, 14, 15);
    private static final IntVector THIRD_1 = index(0, 1, 2, 3, 20, 21, 22, 23, 8, 9, 10, 11, 12, 13, 14, 15);
    private static final IntVector THIRD_2 = index(24, 25, 26, 27, 4, 5, 6, 7, 8, 9, 10, 11, 28, 29, 30, 31);

    private GemmInterleave512() {}

    private static IntVector index(int... lanes) {
        return IntVector.fromArray(IntVector.SPECIES_512, lanes, 0);
    }

    /// 12 lines, `stride` apart, into 12 numbers a step.
    static void twelve(float[] matrix, int at, int stride, float[] panel, int to) {
        IntVector line0 = FloatVector.fromArray(LANES, matrix, at).reinterpretAsInts();
        IntVector line1 = FloatVector.fromArray(LANES, matrix, at + stride).reinterpretAsInts();
        IntVector line2 = FloatVector.fromArray(LANES, matrix, at + 2 * stride).reinterpretAsInts();
        IntVector line3 = FloatVector.fromArray(LANES, matrix, at + 3 * stride).reinterpretAsInts();
        IntVector line4 = FloatVector.fromArray(LANES, matrix, at + 4 * stride).reinterpretAsInts();
        IntVector line5 = FloatVector.fromArray(LANES, matrix, at + 5 * stride).reinterpretAsInts();
        IntVector line6 = FloatVector.fromArray(LANES, matrix, at + 6 * stride).reinterpretAsInts();
        IntVector line7 = FloatVector.fromArray(LANES, matrix, at + 7 * stride).reinterpretAsInts();
        IntVector line8 = FloatVector.fromArray(LANES, matrix, at + 8 * stride).reinterpretAsInts();
        IntVector line9 = FloatVector.fromArray(LANES, matrix, at + 9 * stride).reinterpretAsInts();
        IntVector line10 = FloatVector.fromArray(LANES, matrix, at + 10 * stride).reinterpretAsInts();
        IntVector line11 = FloatVector.fromArray(LANES, matrix, at + 11 * stride).reinterpretAsInts();
        IntVector lowa = ZIP_LOW.selectFrom(line0, line1);
        IntVector higha = ZIP_HIGH.selectFrom(line0, line1);
        IntVector nextLowa = ZIP_LOW.selectFrom(line2, line3);
        IntVector nextHigha = ZIP_HIGH.selectFrom(line2, line3);
        IntVector a0 = PAIRS_LOW.selectFrom(lowa, nextLowa);
        IntVector a1 = PAIRS_HIGH.selectFrom(lowa, nextLowa);
        IntVector a2 = PAIRS_LOW.selectFrom(higha, nextHigha);
        IntVector a3 = PAIRS_HIGH.selectFrom(higha, nextHigha);
        IntVector lowb = ZIP_LOW.selectFrom(line4, line5);
        IntVector highb = ZIP_HIGH.selectFrom(line4, line5);
        IntVector nextLowb = ZIP_LOW.selectFrom(line6, line7);
        IntVector nextHighb = ZIP_HIGH.selectFrom(line6, line7);
        IntVector b0 = PAIRS_LOW.selectFrom(lowb, nextLowb);
        IntVector b1 = PAIRS_HIGH.selectFrom(lowb, nextLowb);
        IntVector b2 = PAIRS_LOW.selectFrom(highb, nextHighb);
        IntVector b3 = PAIRS_HIGH.selectFrom(highb, nextHighb);
        IntVector lowc = ZIP_LOW.selectFrom(line8, line9);
        IntVector highc = ZIP_HIGH.selectFrom(line8, line9);
        IntVector nextLowc = ZIP_LOW.selectFrom(line10, line11);
        IntVector nextHighc = ZIP_HIGH.selectFrom(line10, line11);
        IntVector c0 = PAIRS_LOW.selectFrom(lowc, nextLowc);
        IntVector c1 = PAIRS_HIGH.selectFrom(lowc, nextLowc);
        IntVector c2 = PAIRS_LOW.selectFrom(highc, nextHighc);
        IntVector c3 = PAIRS_HIGH.selectFrom(highc, nextHighc);
        THIRD_0.selectFrom(TWO_0.selectFrom(a0, b0), c0).reinterpretAsFloats().intoArray(panel, to);
        THIRD_1.selectFrom(TWO_1.selectFrom(a0, b0), c0).reinterpretAsFloats().intoArray(panel, to + 16);
        THIRD_2.selectFrom(TWO_2.selectFrom(a0, b0), c0).reinterpretAsFloats().intoArray(panel, to + 32);
        THIRD_0.selectFrom(TWO_0.selectFrom(a1, b1), c1).reinterpretAsFloats().intoArray(panel, to + 48);
        THIRD_1.selectFrom(TWO_1.selectFrom(a1, b1), c1).reinterpretAsFloats().intoArray(panel, to + 64);
        THIRD_2.selectFrom(TWO_2.selectFrom(a1, b1), c1).reinterpretAsFloats().intoArray(panel, to + 80);
        THIRD_0.selectFrom(TWO_0.selectFrom(a2, b2), c2).reinterpretAsFloats().intoArray(panel, to + 96);
        THIRD_1.selectFrom(TWO_1.selectFrom(a2, b2), c2).reinterpretAsFloats().intoArray(panel, to + 112);
        THIRD_2.selectFrom(TWO_2.selectFrom(a2, b2), c2).reinterpretAsFloats().intoArray(panel, to + 128);
        THIRD_0.selectFrom(TWO_0.selectFrom(a3, b3), c3).reinterpretAsFloats().intoArray(panel, to + 144);
        THIRD_1.selectFrom(TWO_1.selectFrom(a3, b3), c3).reinterpretAsFloats().intoArray(panel, to + 160);
        THIRD_2.selectFrom(TWO_2.selectFrom(a3, b3), c3).reinterpretAsFloats().intoArray(panel, to + 176);
    }

    /// 16 lines, `stride` apart, into 16 numbers a step, `width` from step to step.
    static void sixteen(float[] matrix, int at, int stride, float[] panel, int to, int width) {
        IntVector line0 = FloatVector.fromArray(LANES, matrix, at).reinterpretAsInts();
        IntVector line1 = FloatVector.fromArray(LANES, matrix, at + stride).reinterpretAsInts();
        IntVector line2 = FloatVector.fromArray(LANES, matrix, at + 2 * stride).reinterpretAsInts();
        IntVector line3 = FloatVector.fromArray(LANES, matrix, at + 3 * stride).reinterpretAsInts();
        IntVector line4 = FloatVector.fromArray(LANES, matrix, at + 4 * stride).reinterpretAsInts();
        IntVector line5 = FloatVector.fromArray(LANES, matrix, at + 5 * stride).reinterpretAsInts();
        IntVector line6 = FloatVector.fromArray(LANES, matrix, at + 6 * stride).reinterpretAsInts();
        IntVector line7 = FloatVector.fromArray(LANES, matrix, at + 7 * stride).reinterpretAsInts();
        IntVector line8 = FloatVector.fromArray(LANES, matrix, at + 8 * stride).reinterpretAsInts();
        IntVector line9 = FloatVector.fromArray(LANES, matrix, at + 9 * stride).reinterpretAsInts();
        IntVector line10 = FloatVector.fromArray(LANES, matrix, at + 10 * stride).reinterpretAsInts();
        IntVector line11 = FloatVector.fromArray(LANES, matrix, at + 11 * stride).reinterpretAsInts();
        IntVector line12 = FloatVector.fromArray(LANES, matrix, at + 12 * stride).reinterpretAsInts();
        IntVector line13 = FloatVector.fromArray(LANES, matrix, at + 13 * stride).reinterpretAsInts();
        IntVector line14 = FloatVector.fromArray(LANES, matrix, at + 14 * stride).reinterpretAsInts();
        IntVector line15 = FloatVector.fromArray(LANES, matrix, at + 15 * stride).reinterpretAsInts();
        IntVector lowa = ZIP_LOW.selectFrom(line0, line1);
        IntVector higha = ZIP_HIGH.selectFrom(line0, line1);
        IntVector nextLowa = ZIP_LOW.selectFrom(line2, line3);
        IntVector nextHigha = ZIP_HIGH.selectFrom(line2, line3);
        IntVector a0 = PAIRS_LOW.selectFrom(lowa, nextLowa);
        IntVector a1 = PAIRS_HIGH.selectFrom(lowa, nextLowa);
        IntVector a2 = PAIRS_LOW.selectFrom(higha, nextHigha);
        IntVector a3 = PAIRS_HIGH.selectFrom(higha, nextHigha);
        IntVector lowb = ZIP_LOW.selectFrom(line4, line5);
        IntVector highb = ZIP_HIGH.selectFrom(line4, line5);
        IntVector nextLowb = ZIP_LOW.selectFrom(line6, line7);
        IntVector nextHighb = ZIP_HIGH.selectFrom(line6, line7);
        IntVector b0 = PAIRS_LOW.selectFrom(lowb, nextLowb);
        IntVector b1 = PAIRS_HIGH.selectFrom(lowb, nextLowb);
        IntVector b2 = PAIRS_LOW.selectFrom(highb, nextHighb);
        IntVector b3 = PAIRS_HIGH.selectFrom(highb, nextHighb);
        IntVector lowc = ZIP_LOW.selectFrom(line8, line9);
        IntVector highc = ZIP_HIGH.selectFrom(line8, line9);
        IntVector nextLowc = ZIP_LOW.selectFrom(line10, line11);
        IntVector nextHighc = ZIP_HIGH.selectFrom(line10, line11);
        IntVector c0 = PAIRS_LOW.selectFrom(lowc, nextLowc);
        IntVector c1 = PAIRS_HIGH.selectFrom(lowc, nextLowc);
        IntVector c2 = PAIRS_LOW.selectFrom(highc, nextHighc);
        IntVector c3 = PAIRS_HIGH.selectFrom(highc, nextHighc);
        IntVector lowd = ZIP_LOW.selectFrom(line12, line13);
        IntVector highd = ZIP_HIGH.selectFrom(line12, line13);
        IntVector nextLowd = ZIP_LOW.selectFrom(line14, line15);
        IntVector nextHighd = ZIP_HIGH.selectFrom(line14, line15);
        IntVector d0 = PAIRS_LOW.selectFrom(lowd, nextLowd);
        IntVector d1 = PAIRS_HIGH.selectFrom(lowd, nextLowd);
        IntVector d2 = PAIRS_LOW.selectFrom(highd, nextHighd);
        IntVector d3 = PAIRS_HIGH.selectFrom(highd, nextHighd);
        IntVector left0 = FOURS_LOW.selectFrom(a0, b0);
        IntVector right0 = FOURS_LOW.selectFrom(c0, d0);
        IntVector leftNext0 = FOURS_HIGH.selectFrom(a0, b0);
        IntVector rightNext0 = FOURS_HIGH.selectFrom(c0, d0);
        EIGHTS_LOW.selectFrom(left0, right0).reinterpretAsFloats().intoArray(panel, to);
        EIGHTS_HIGH.selectFrom(left0, right0).reinterpretAsFloats().intoArray(panel, to + width);
        EIGHTS_LOW.selectFrom(leftNext0, rightNext0).reinterpretAsFloats().intoArray(panel, to + 2 * width);
        EIGHTS_HIGH.selectFrom(leftNext0, rightNext0).reinterpretAsFloats().intoArray(panel, to + 3 * width);
        IntVector left1 = FOURS_LOW.selectFrom(a1, b1);
        IntVector right1 = FOURS_LOW.selectFrom(c1, d1);
        IntVector leftNext1 = FOURS_HIGH.selectFrom(a1, b1);
        IntVector rightNext1 = FOURS_HIGH.selectFrom(c1, d1);
        EIGHTS_LOW.selectFrom(left1, right1).reinterpretAsFloats().intoArray(panel, to + 4 * width);
        EIGHTS_HIGH.selectFrom(left1, right1).reinterpretAsFloats().intoArray(panel, to + 5 * width);
        EIGHTS_LOW.selectFrom(leftNext1, rightNext1).reinterpretAsFloats().intoArray(panel, to + 6 * width);
        EIGHTS_HIGH.selectFrom(leftNext1, rightNext1).reinterpretAsFloats().intoArray(panel, to + 7 * width);
        IntVector left2 = FOURS_LOW.selectFrom(a2, b2);
        IntVector right2 = FOURS_LOW.selectFrom(c2, d2);
        IntVector leftNext2 = FOURS_HIGH.selectFrom(a2, b2);
        IntVector rightNext2 = FOURS_HIGH.selectFrom(c2, d2);
        EIGHTS_LOW.selectFrom(left2, right2).reinterpretAsFloats().intoArray(panel, to + 8 * width);
        EIGHTS_HIGH.selectFrom(left2, right2).reinterpretAsFloats().intoArray(panel, to + 9 * width);
        EIGHTS_LOW.selectFrom(leftNext2, rightNext2).reinterpretAsFloats().intoArray(panel, to + 10 * width);
        EIGHTS_HIGH.selectFrom(leftNext2, rightNext2).reinterpretAsFloats().intoArray(panel, to + 11 * width);
        IntVector left3 = FOURS_LOW.selectFrom(a3, b3);
        IntVector right3 = FOURS_LOW.selectFrom(c3, d3);
        IntVector leftNext3 = FOURS_HIGH.selectFrom(a3, b3);
        IntVector rightNext3 = FOURS_HIGH.selectFrom(c3, d3);
        EIGHTS_LOW.selectFrom(left3, right3).reinterpretAsFloats().intoArray(panel, to + 12 * width);
        EIGHTS_HIGH.selectFrom(left3, right3).reinterpretAsFloats().intoArray(panel, to + 13 * width);
        EIGHTS_LOW.selectFrom(leftNext3, rightNext3).reinterpretAsFloats().intoArray(panel, to + 14 * width);
        EIGHTS_HIGH.selectFrom(leftNext3, rightNext3).reinterpretAsFloats().intoArray(panel, to + 15 * width);
    }
}
