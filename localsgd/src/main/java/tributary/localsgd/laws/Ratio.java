package tributary.localsgd.laws;

import java.util.function.DoubleSupplier;

/// The form of Kaplan's three laws, L = (X_c / X)^alpha: a line in ln X. Coordinates: alpha ln X_c, -alpha.
final class Ratio {
    private Ratio() {}

    static double logLoss(double[] coordinates, double x, double[] gradient) {
        gradient[0] = 1;
        gradient[1] = Math.log(x);
        return coordinates[0] + coordinates[1] * gradient[1];
    }

    /// X_c and alpha.
    static double[] coefficients(double[] coordinates) {
        return new double[] {Math.exp(-coordinates[0] / coordinates[1]), -coordinates[1]};
    }

    static double[] start(double loss, double x, DoubleSupplier uniform) {
        double slope = -0.01 - 0.5 * uniform.getAsDouble();
        return new double[] {Math.log(loss) - slope * Math.log(x), slope};
    }
}
