package tributary.tensor.simd;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/// Interleaves 8 lines by 8 steps in registers of 256 bits: a transposition in three rounds. A round exchanges numbers, then pairs, then
/// fours between two vectors, each of which keeps one half of itself and takes the other from its partner, moved to where it belongs.
final class GemmInterleave256 {
    /// Steps taken at once.
    static final int STEPS = 8;

    private static final VectorSpecies<Float> LANES = FloatVector.SPECIES_256;
    private static final VectorShuffle<Float> NEXT = VectorShuffle.fromOp(LANES, i -> i ^ 1);
    private static final VectorShuffle<Float> NEXT_PAIR = VectorShuffle.fromOp(LANES, i -> i ^ 2);
    private static final VectorShuffle<Float> NEXT_FOUR = VectorShuffle.fromOp(LANES, i -> i ^ 4);
    private static final VectorMask<Float> ODD = VectorMask.fromLong(LANES, 0b10101010);
    private static final VectorMask<Float> EVEN = ODD.not();
    private static final VectorMask<Float> ODD_PAIR = VectorMask.fromLong(LANES, 0b11001100);
    private static final VectorMask<Float> EVEN_PAIR = ODD_PAIR.not();
    private static final VectorMask<Float> ODD_FOUR = VectorMask.fromLong(LANES, 0b11110000);
    private static final VectorMask<Float> EVEN_FOUR = ODD_FOUR.not();

    private GemmInterleave256() {}

    /// 6 to 8 lines, `stride` apart, into 8 numbers a step, `width` from step to step; those of lines that do not exist are of no meaning.
    static void eight(float[] matrix, int at, int stride, int lines, float[] panel, int to, int width) {
        FloatVector line0 = FloatVector.fromArray(LANES, matrix, at);
        FloatVector line1 = FloatVector.fromArray(LANES, matrix, at + stride);
        FloatVector line2 = FloatVector.fromArray(LANES, matrix, at + 2 * stride);
        FloatVector line3 = FloatVector.fromArray(LANES, matrix, at + 3 * stride);
        FloatVector line4 = FloatVector.fromArray(LANES, matrix, at + 4 * stride);
        FloatVector line5 = FloatVector.fromArray(LANES, matrix, at + 5 * stride);
        FloatVector line6 = FloatVector.fromArray(LANES, matrix, at + Math.min(6, lines - 1) * stride);
        FloatVector line7 = FloatVector.fromArray(LANES, matrix, at + Math.min(7, lines - 1) * stride);
        FloatVector one0 = line0.blend(line1.rearrange(NEXT), ODD);
        FloatVector one1 = line1.blend(line0.rearrange(NEXT), EVEN);
        FloatVector one2 = line2.blend(line3.rearrange(NEXT), ODD);
        FloatVector one3 = line3.blend(line2.rearrange(NEXT), EVEN);
        FloatVector one4 = line4.blend(line5.rearrange(NEXT), ODD);
        FloatVector one5 = line5.blend(line4.rearrange(NEXT), EVEN);
        FloatVector one6 = line6.blend(line7.rearrange(NEXT), ODD);
        FloatVector one7 = line7.blend(line6.rearrange(NEXT), EVEN);
        FloatVector two0 = one0.blend(one2.rearrange(NEXT_PAIR), ODD_PAIR);
        FloatVector two2 = one2.blend(one0.rearrange(NEXT_PAIR), EVEN_PAIR);
        FloatVector two1 = one1.blend(one3.rearrange(NEXT_PAIR), ODD_PAIR);
        FloatVector two3 = one3.blend(one1.rearrange(NEXT_PAIR), EVEN_PAIR);
        FloatVector two4 = one4.blend(one6.rearrange(NEXT_PAIR), ODD_PAIR);
        FloatVector two6 = one6.blend(one4.rearrange(NEXT_PAIR), EVEN_PAIR);
        FloatVector two5 = one5.blend(one7.rearrange(NEXT_PAIR), ODD_PAIR);
        FloatVector two7 = one7.blend(one5.rearrange(NEXT_PAIR), EVEN_PAIR);
        two0.blend(two4.rearrange(NEXT_FOUR), ODD_FOUR).intoArray(panel, to);
        two1.blend(two5.rearrange(NEXT_FOUR), ODD_FOUR).intoArray(panel, to + width);
        two2.blend(two6.rearrange(NEXT_FOUR), ODD_FOUR).intoArray(panel, to + 2 * width);
        two3.blend(two7.rearrange(NEXT_FOUR), ODD_FOUR).intoArray(panel, to + 3 * width);
        two4.blend(two0.rearrange(NEXT_FOUR), EVEN_FOUR).intoArray(panel, to + 4 * width);
        two5.blend(two1.rearrange(NEXT_FOUR), EVEN_FOUR).intoArray(panel, to + 5 * width);
        two6.blend(two2.rearrange(NEXT_FOUR), EVEN_FOUR).intoArray(panel, to + 6 * width);
        two7.blend(two3.rearrange(NEXT_FOUR), EVEN_FOUR).intoArray(panel, to + 7 * width);
    }
}
