package tributary.tensor.simd;

import static tributary.tensor.simd.Lanes.fma;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/// What attention does to a tile of scores (keys, queries) between its products. A column belongs to one query.
final class AttentionScores {

    private AttentionScores() {}

    /// Sets scores of keys after their query to -infinity.
    ///
    /// @param ahead how many positions the first query stands after the first key, also negative
    static void mask(float[] scores, int keys, int ahead, int queries) {
        for (int i = Math.max(0, ahead + 1); i < keys; i++) {
            int row = i * queries;
            Arrays.fill(scores, row, row + Math.min(queries, i - ahead), Float.NEGATIVE_INFINITY);
        }
    }

    /// One step of the online softmax in every column: scores = e^(scale (scores - max)) with the new max, sums carried
    /// on, and the factor that brings what was summed before to the new max.
    static void softmax(float[] scores, int keys, int queries, float scale, float[] max, float[] sum, float[] factor) {
        int end = keys * queries;
        int j = 0;
        for (; j < Lanes.bound(queries); j += Lanes.LENGTH) {
            FloatVector before = FloatVector.fromArray(Lanes.F, max, j);
            FloatVector now = before;
            for (int i = j; i < end; i += queries) {
                now = now.max(FloatVector.fromArray(Lanes.F, scores, i));
            }
            FloatVector shrink = VectorMath.exp(before.sub(now).mul(scale));
            FloatVector total = FloatVector.fromArray(Lanes.F, sum, j).mul(shrink);
            for (int i = j; i < end; i += queries) {
                FloatVector e = VectorMath.exp(FloatVector.fromArray(Lanes.F, scores, i).sub(now).mul(scale));
                total = total.add(e);
                e.intoArray(scores, i);
            }
            now.intoArray(max, j);
            shrink.intoArray(factor, j);
            total.intoArray(sum, j);
        }
        for (; j < queries; j++) {
            float now = max[j];
            for (int i = j; i < end; i += queries) {
                now = Math.max(now, scores[i]);
            }
            factor[j] = VectorMath.exp((max[j] - now) * scale);
            float total = sum[j] * factor[j];
            for (int i = j; i < end; i += queries) {
                scores[i] = VectorMath.exp((scores[i] - now) * scale);
                total += scores[i];
            }
            max[j] = now;
            sum[j] = total;
        }
    }

    /// scores = P = e^(scale scores - logSumExp), and dscores, which is dP, becomes scale P (dP - dots).
    static void softmaxBackward(float[] scores, float[] dscores, int keys, int queries, float scale, float[] logSumExp, float[] dots) {
        int end = keys * queries;
        int j = 0;
        for (; j < Lanes.bound(queries); j += Lanes.LENGTH) {
            FloatVector lse = FloatVector.fromArray(Lanes.F, logSumExp, j);
            FloatVector dot = FloatVector.fromArray(Lanes.F, dots, j);
            for (int i = j; i < end; i += queries) {
                FloatVector p = VectorMath.exp(FloatVector.fromArray(Lanes.F, scores, i).mul(scale).sub(lse));
                p.intoArray(scores, i);
                p.mul(FloatVector.fromArray(Lanes.F, dscores, i).sub(dot)).mul(scale).intoArray(dscores, i);
            }
        }
        for (; j < queries; j++) {
            for (int i = j; i < end; i += queries) {
                scores[i] = VectorMath.exp(scores[i] * scale - logSumExp[j]);
                dscores[i] = scores[i] * (dscores[i] - dots[j]) * scale;
            }
        }
    }

    /// x[i][j] *= factor[j].
    static void scaleColumns(float[] x, int rows, int columns, float[] factor) {
        int end = rows * columns;
        int j = 0;
        for (; j < Lanes.bound(columns); j += Lanes.LENGTH) {
            FloatVector f = FloatVector.fromArray(Lanes.F, factor, j);
            for (int i = j; i < end; i += columns) {
                FloatVector.fromArray(Lanes.F, x, i).mul(f).intoArray(x, i);
            }
        }
        for (; j < columns; j++) {
            for (int i = j; i < end; i += columns) {
                x[i] *= factor[j];
            }
        }
    }

    /// sums[j] = sum over i of x[i][j] y[i][j].
    static void columnDots(float[] x, float[] y, int rows, int columns, float[] sums) {
        int end = rows * columns;
        int j = 0;
        for (; j < Lanes.bound(columns); j += Lanes.LENGTH) {
            FloatVector total = FloatVector.zero(Lanes.F);
            for (int i = j; i < end; i += columns) {
                total = fma(FloatVector.fromArray(Lanes.F, x, i), FloatVector.fromArray(Lanes.F, y, i), total);
            }
            total.intoArray(sums, j);
        }
        for (; j < columns; j++) {
            float total = 0;
            for (int i = j; i < end; i += columns) {
                total = fma(x[i], y[i], total);
            }
            sums[j] = total;
        }
    }
}
