package tributary.tensor;

/// Functions of one number, applied to every element. Each knows its value and its derivative in float64: the
/// definition that every backend is judged by.
public enum Unary {
    /// e^x.
    EXP {
        @Override
        public double value(double x) {
            return Math.exp(x);
        }

        @Override
        public double derivative(double x) {
            return Math.exp(x);
        }
    },

    /// The natural logarithm.
    LOG {
        @Override
        public double value(double x) {
            return Math.log(x);
        }

        @Override
        public double derivative(double x) {
            return 1 / x;
        }
    },

    /// (e^x - e^-x) / (e^x + e^-x).
    TANH {
        @Override
        public double value(double x) {
            return Math.tanh(x);
        }

        @Override
        public double derivative(double x) {
            double y = Math.tanh(x);
            return 1 - y * y;
        }
    },

    /// 1 / (1 + e^-x).
    SIGMOID {
        @Override
        public double value(double x) {
            return 1 / (1 + Math.exp(-x));
        }

        @Override
        public double derivative(double x) {
            return SIGMOID.value(x) * SIGMOID.value(-x);
        }
    },

    /// max(x, 0); the derivative at 0 is 0.
    RELU {
        @Override
        public double value(double x) {
            return Math.max(x, 0);
        }

        @Override
        public double derivative(double x) {
            return x > 0 ? 1 : 0;
        }
    },

    /// x * sigmoid(x). Elfwing et al. 2017, arXiv:1702.03118.
    SILU {
        @Override
        public double value(double x) {
            return x * SIGMOID.value(x);
        }

        @Override
        public double derivative(double x) {
            return SIGMOID.value(x) + x * SIGMOID.derivative(x);
        }
    },

    /// 0.5 x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))): GPT-2's form. Hendrycks and Gimpel 2016, arXiv:1606.08415.
    GELU_TANH {
        // 0.5 (1 + tanh u) = sigmoid(2u), which keeps its digits far below zero.
        @Override
        public double value(double x) {
            return x * SIGMOID.value(2 * inner(x));
        }

        @Override
        public double derivative(double x) {
            double u = 2 * inner(x);
            double du = 2 * SQRT_2_OVER_PI * (1 + 3 * CUBIC * x * x);
            return SIGMOID.value(u) + x * SIGMOID.derivative(u) * du;
        }

        private double inner(double x) {
            return SQRT_2_OVER_PI * (x + CUBIC * x * x * x);
        }
    },

    /// x Phi(x) with the exact normal distribution function. Hendrycks and Gimpel 2016, arXiv:1606.08415.
    GELU_ERF {
        @Override
        public double value(double x) {
            return x * NormalDistribution.cumulative(x);
        }

        @Override
        public double derivative(double x) {
            return NormalDistribution.cumulative(x) + x * NormalDistribution.density(x);
        }
    };

    private static final double SQRT_2_OVER_PI = Math.sqrt(2 / Math.PI);
    private static final double CUBIC = 0.044715;

    /// f(x).
    public abstract double value(double x);

    /// f'(x).
    public abstract double derivative(double x);
}
