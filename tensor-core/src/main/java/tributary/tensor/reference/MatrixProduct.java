package tributary.tensor.reference;

import org.jspecify.annotations.Nullable;
import tributary.tensor.Tensor;

/// Matrix products: three loops.
final class MatrixProduct {

    private MatrixProduct() {}

    static void matmul(Tensor a, boolean transposeA, Tensor b, boolean transposeB, @Nullable Tensor bias, boolean accumulate, Tensor c) {
        int m = c.shape().size(-2);
        int n = c.shape().size(-1);
        int k = a.shape().size(transposeA ? -2 : -1);
        int matrices = c.elements() / (m * n);
        for (int matrix = 0; matrix < matrices; matrix++) {
            int aStart = matrix * m * k;
            int bStart = matrix * k * n;
            int cStart = matrix * m * n;
            for (int i = 0; i < m; i++) {
                for (int j = 0; j < n; j++) {
                    double sum = bias == null ? 0 : bias.get(j);
                    for (int p = 0; p < k; p++) {
                        double left = a.get(aStart + (transposeA ? p * m + i : i * k + p));
                        double right = b.get(bStart + (transposeB ? j * k + p : p * n + j));
                        sum += left * right;
                    }
                    Elementwise.put(c, cStart + i * n + j, accumulate, sum);
                }
            }
        }
    }
}
