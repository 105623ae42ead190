package tributary.tensor;

/// Functions of two numbers, applied element by element under broadcasting ([Shape#broadcast]). Each knows its value and
/// its two partial derivatives in float64: the definition that every backend is judged by.
public enum Binary {
    /// a + b.
    ADD {
        @Override
        public double value(double a, double b) {
            return a + b;
        }

        @Override
        public double derivativeFirst(double a, double b) {
            return 1;
        }

        @Override
        public double derivativeSecond(double a, double b) {
            return 1;
        }
    },

    /// a - b.
    SUBTRACT {
        @Override
        public double value(double a, double b) {
            return a - b;
        }

        @Override
        public double derivativeFirst(double a, double b) {
            return 1;
        }

        @Override
        public double derivativeSecond(double a, double b) {
            return -1;
        }
    },

    /// a b.
    MULTIPLY {
        @Override
        public double value(double a, double b) {
            return a * b;
        }

        @Override
        public double derivativeFirst(double a, double b) {
            return b;
        }

        @Override
        public double derivativeSecond(double a, double b) {
            return a;
        }
    },

    /// a / b.
    DIVIDE {
        @Override
        public double value(double a, double b) {
            return a / b;
        }

        @Override
        public double derivativeFirst(double a, double b) {
            return 1 / b;
        }

        @Override
        public double derivativeSecond(double a, double b) {
            return -a / (b * b);
        }
    };

    /// f(a, b).
    public abstract double value(double a, double b);

    /// df/da.
    public abstract double derivativeFirst(double a, double b);

    /// df/db.
    public abstract double derivativeSecond(double a, double b);
}
