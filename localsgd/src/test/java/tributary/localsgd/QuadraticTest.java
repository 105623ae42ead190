package tributary.localsgd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Comparator;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;
import tributary.localsgd.codec.Compression;
import tributary.model.data.StatelessRandom;
import tributary.model.optimizer.Schedule;
import tributary.model.optimizer.Sgd;
import tributary.tensor.Kernels;
import tributary.tensor.Tensor;

/// The quadratic of Khaled et al. 2025, arXiv:2509.10439: d = 50, R = 1000 rounds of H = 50 steps at 0.001. The noisier the
/// gradients, the lower the outer rate that ends nearest to the minimum: from 1 down to 0.1.
class QuadraticTest {
    private static final int D = 50;
    private static final int ROUNDS = 1000;
    private static final int H = 50;
    private static final double INNER_LR = 1e-3;
    private static final int M = 2;

    /// f(x) = 1/2 sum of lambda_i x_i^2, lambda from 0.5 to 1, with uniform noise on the gradient.
    private static final class NoisyQuadratic extends ToyGroup.Toy {
        private final int replica;
        private final double noise;

        NoisyQuadratic(int replica, double noise, Kernels kernels) {
            super(D, kernels);
            this.replica = replica;
            this.noise = noise;
        }

        static double lambda(int i) {
            return 0.5 + 0.5 * i / (D - 1);
        }

        @Override
        public double gradient(int step) {
            for (int i = 0; i < D; i++) {
                double draw = (2 * StatelessRandom.uniform(replica, step, i) - 1) * Math.sqrt(3);
                gradients.set(i, (float) (lambda(i) * parameters.get(i) + noise * draw));
            }
            return 0;
        }
    }

    private static double finalLoss(double gamma, double noise) {
        Algorithm algorithm = new DiLoCo(0, new LocalSteps.Constant(H), new Schedule.Constant(gamma), new Sgd(D, 0, false));
        Tensor theta = Tensor.zeros(D);
        theta.fill(1);
        try (ThreadPoolGroup group = ToyGroup.of(
                algorithm, Pace.equal(M), INNER_LR, Compression.none(), (m, kernels) -> new NoisyQuadratic(m, noise, kernels))) {
            algorithm.train(theta, group, new Rounds(0, ROUNDS * H, new Rounds.Observer() {}));
        }
        double loss = 0;
        for (int i = 0; i < D; i++) {
            loss += 0.5 * NoisyQuadratic.lambda(i) * theta.get(i) * theta.get(i);
        }
        return loss;
    }

    private static double bestRate(double noise) {
        return DoubleStream.of(0.1, 0.3, 1.0).boxed().min(Comparator.comparingDouble(gamma -> finalLoss(gamma, noise))).orElseThrow();
    }

    @Test
    void theBestOuterRateFallsFromOneToATenthAsNoiseGrows() {
        assertThat(bestRate(0)).isEqualTo(1.0);
        assertThat(bestRate(30)).isEqualTo(0.1);
    }
}
