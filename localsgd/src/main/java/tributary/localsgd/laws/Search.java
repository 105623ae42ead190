package tributary.localsgd.laws;

import org.hipparchus.exception.MathIllegalStateException;
import org.hipparchus.linear.Array2DRowRealMatrix;
import org.hipparchus.linear.ArrayRealVector;
import org.hipparchus.linear.RealMatrix;
import org.hipparchus.linear.RealVector;
import org.hipparchus.optim.nonlinear.vector.leastsquares.LeastSquaresBuilder;
import org.hipparchus.optim.nonlinear.vector.leastsquares.LeastSquaresProblem;
import org.hipparchus.optim.nonlinear.vector.leastsquares.LevenbergMarquardtOptimizer;
import org.hipparchus.optim.nonlinear.vector.leastsquares.MultivariateJacobianFunction;
import org.hipparchus.util.Pair;

/// Minimises the sum over the points of rho(r), r = fitted ln L - measured ln L, rho the square r^2 / 2 or the **Huber loss**
/// r^2 / 2 up to delta and delta (|r| - delta / 2) beyond (Huber 1964, doi 10.1214/aoms/1177703732).
///
/// By Levenberg-Marquardt, where the papers use L-BFGS: the sum is one of squares if s = sign(r) sqrt(2 rho(r)) takes the place
/// of r, s is once continuously differentiable, ds/dr = 1 up to delta and delta / |s| beyond, and the problem has a handful of
/// unknowns, so that the Jacobian is cheap and the curvature it gives is worth more than a history of gradients. The result is
/// a minimum of the same sum.
final class Search {
    private static final int MOST_EVALUATIONS = 500;
    private static final LevenbergMarquardtOptimizer OPTIMIZER = new LevenbergMarquardtOptimizer()
            .withCostRelativeTolerance(1e-14).withParameterRelativeTolerance(1e-12).withOrthoTolerance(1e-14);

    private final Law law;
    private final double[][] x;
    private final double[] logLoss;

    /// Where a search ended.
    ///
    /// @param sum of rho there
    record Minimum(double[] coordinates, double sum) {}

    /// @param x one row a point
    /// @param logLoss measured
    Search(Law law, double[][] x, double[] logLoss) {
        this.law = law;
        this.x = x;
        this.logLoss = logLoss;
    }

    /// Goes downhill from here.
    ///
    /// @return the lowest place seen
    Minimum from(double[] start) {
        Minimum[] lowest = {new Minimum(start, Double.POSITIVE_INFINITY)};
        LeastSquaresProblem problem = new LeastSquaresBuilder()
                .start(start)
                .model((MultivariateJacobianFunction) at -> evaluate(at, lowest))
                .target(new double[x.length])
                .maxEvaluations(MOST_EVALUATIONS)
                .maxIterations(MOST_EVALUATIONS)
                .build();
        try {
            OPTIMIZER.optimize(problem);
        } catch (MathIllegalStateException exhausted) {
            // Cannot go lower in float64, or has gone for long enough.
        }
        return lowest[0];
    }

    private Pair<RealVector, RealMatrix> evaluate(RealVector at, Minimum[] lowest) {
        double[] coordinates = at.toArray();
        double[] values = new double[x.length];
        double[][] jacobian = new double[x.length][coordinates.length];
        double delta = law.huber();
        double sum = 0;
        for (int i = 0; i < x.length; i++) {
            double r = law.logLoss(coordinates, x[i], jacobian[i]) - logLoss[i];
            double size = Math.abs(r);
            if (size > delta) {
                double s = Math.sqrt(delta * (2 * size - delta));
                for (int j = 0; j < coordinates.length; j++) {
                    jacobian[i][j] *= delta / s;
                }
                r = Math.copySign(s, r);
            }
            values[i] = r;
            sum += r * r / 2;
        }
        if (sum < lowest[0].sum) {
            lowest[0] = new Minimum(coordinates, sum);
        }
        return new Pair<>(new ArrayRealVector(values, false), new Array2DRowRealMatrix(jacobian, false));
    }
}
