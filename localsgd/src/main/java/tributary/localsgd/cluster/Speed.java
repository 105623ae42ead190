package tributary.localsgd.cluster;

import java.util.List;
import tributary.model.data.StatelessRandom;

/// How fast a worker is: 2 takes half as long for a step as 1. A pure function of (seed, worker, step).
public sealed interface Speed {

    /// At a step, 1 for the first.
    double at(long seed, int worker, int step);

    /// The mean over its steps.
    double mean();

    /// The same at every step.
    record Constant(double speed) implements Speed {
        public Constant {
            check(speed, "speed");
        }

        @Override
        public double mean() {
            return speed;
        }

        @Override
        public double at(long seed, int worker, int step) {
            return speed;
        }
    }

    /// Drawn for each step, log-normal: never zero, sometimes much slower.
    ///
    /// ```
    /// s = ln(1 + (deviation / mean)^2);   speed = mean exp(sqrt(s) g - s / 2),   g normal
    /// ```
    record Distribution(double mean, double deviation) implements Speed {
        public Distribution {
            check(mean, "mean");
            if (!(deviation >= 0 && deviation < Double.POSITIVE_INFINITY)) {
                throw new IllegalArgumentException("deviation " + deviation + " cannot be; give 0 or more, such as 0.2");
            }
        }

        @Override
        public double at(long seed, int worker, int step) {
            double s = StrictMath.log1p(deviation / mean * (deviation / mean));
            return mean * StrictMath.exp(StrictMath.sqrt(s) * StatelessRandom.gaussian(seed, worker, step) - s / 2);
        }
    }

    /// One after the other, then from the beginning.
    record Trace(List<Double> speeds) implements Speed {
        public Trace {
            if (speeds.isEmpty()) {
                throw new IllegalArgumentException("trace is empty; give at least one speed");
            }
            speeds.forEach(speed -> check(speed, "trace"));
            speeds = List.copyOf(speeds);
        }

        @Override
        public double mean() {
            return speeds.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
        }

        @Override
        public double at(long seed, int worker, int step) {
            return speeds.get((step - 1) % speeds.size());
        }
    }

    private static void check(double speed, String name) {
        if (!(speed > 0 && speed < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(name + " " + speed + " cannot be; a speed is positive, 1 takes step-seconds a step");
        }
    }
}
