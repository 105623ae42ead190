package tributary.tensor.reference;

import org.jspecify.annotations.Nullable;
import tributary.tensor.Tensor;

/// Layer norm and RMS norm over the rows of the last axis.
final class Normalization {

    private Normalization() {}

    static void layerNorm(Tensor x, Tensor weight, Tensor bias, float epsilon, Tensor y, Tensor mean, Tensor rstd) {
        int width = x.shape().last();
        for (int row = 0; row < x.shape().rows(); row++) {
            int start = row * width;
            double sum = 0;
            for (int i = 0; i < width; i++) {
                sum += x.get(start + i);
            }
            double rowMean = sum / width;
            double squares = 0;
            for (int i = 0; i < width; i++) {
                double centred = x.get(start + i) - rowMean;
                squares += centred * centred;
            }
            double rowRstd = 1 / Math.sqrt(squares / width + epsilon);
            for (int i = 0; i < width; i++) {
                y.set(start + i, (float) (weight.get(i) * (x.get(start + i) - rowMean) * rowRstd + bias.get(i)));
            }
            mean.set(row, (float) rowMean);
            rstd.set(row, (float) rowRstd);
        }
    }

    static void layerNormBackward(
            Tensor x, Tensor weight, Tensor mean, Tensor rstd, Tensor dy,
            boolean accumulateX, @Nullable Tensor dx, boolean accumulateParameters, @Nullable Tensor dweight, @Nullable Tensor dbias) {
        int width = x.shape().last();
        double[] weightSums = new double[width];
        double[] biasSums = new double[width];
        for (int row = 0; row < x.shape().rows(); row++) {
            int start = row * width;
            double rowMean = mean.get(row);
            double rowRstd = rstd.get(row);
            double sumG = 0;
            double sumGXhat = 0;
            for (int i = 0; i < width; i++) {
                double xhat = (x.get(start + i) - rowMean) * rowRstd;
                double g = (double) weight.get(i) * dy.get(start + i);
                sumG += g;
                sumGXhat += g * xhat;
                weightSums[i] += dy.get(start + i) * xhat;
                biasSums[i] += dy.get(start + i);
            }
            for (int i = 0; dx != null && i < width; i++) {
                double xhat = (x.get(start + i) - rowMean) * rowRstd;
                double g = (double) weight.get(i) * dy.get(start + i);
                Elementwise.put(dx, start + i, accumulateX, rowRstd * (g - sumG / width - xhat * sumGXhat / width));
            }
        }
        if (dweight != null && dbias != null) {
            Elementwise.putAll(weightSums, accumulateParameters, dweight);
            Elementwise.putAll(biasSums, accumulateParameters, dbias);
        }
    }

    static void rmsNorm(Tensor x, Tensor weight, float epsilon, Tensor y, Tensor rstd) {
        int width = x.shape().last();
        for (int row = 0; row < x.shape().rows(); row++) {
            int start = row * width;
            double squares = 0;
            for (int i = 0; i < width; i++) {
                squares += (double) x.get(start + i) * x.get(start + i);
            }
            double rowRstd = 1 / Math.sqrt(squares / width + epsilon);
            for (int i = 0; i < width; i++) {
                y.set(start + i, (float) (weight.get(i) * x.get(start + i) * rowRstd));
            }
            rstd.set(row, (float) rowRstd);
        }
    }

    static void rmsNormBackward(
            Tensor x, Tensor weight, Tensor rstd, Tensor dy,
            boolean accumulateX, @Nullable Tensor dx, boolean accumulateWeight, @Nullable Tensor dweight) {
        int width = x.shape().last();
        double[] weightSums = new double[width];
        for (int row = 0; row < x.shape().rows(); row++) {
            int start = row * width;
            double rowRstd = rstd.get(row);
            double sumGXhat = 0;
            for (int i = 0; i < width; i++) {
                double xhat = x.get(start + i) * rowRstd;
                sumGXhat += (double) weight.get(i) * dy.get(start + i) * xhat;
                weightSums[i] += dy.get(start + i) * xhat;
            }
            for (int i = 0; dx != null && i < width; i++) {
                double xhat = x.get(start + i) * rowRstd;
                double g = (double) weight.get(i) * dy.get(start + i);
                Elementwise.put(dx, start + i, accumulateX, rowRstd * (g - xhat * sumGXhat / width));
            }
        }
        if (dweight != null) {
            Elementwise.putAll(weightSums, accumulateWeight, dweight);
        }
    }
}
