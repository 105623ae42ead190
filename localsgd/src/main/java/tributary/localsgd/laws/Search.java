package tributary.localsgd.laws;

import java.util.List;
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

/// Minimises the sum over the points of rho(r), r = fitted ln y - measured ln y, rho the square r^2 / 2 or the **Huber loss**
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

    private final double delta;
    private final List<Terms> places;
    private final double[] logValues;

    /// Where a search ended.
    ///
    /// @param sum of rho there
    record Minimum(double[] coordinates, double sum) {}

    /// @param delta of the Huber loss
    /// @param places the law at each point
    /// @param logValues measured there
    Search(double delta, List<Terms> places, double[] logValues) {
        this.delta = delta;
        this.places = places;
        this.logValues = logValues;
    }

    /// Goes downhill from here.
    ///
    /// @return the lowest place seen
    Minimum from(double[] start) {
        Minimum[] lowest = {new Minimum(start, Double.POSITIVE_INFINITY)};
        LeastSquaresProblem problem = new LeastSquaresBuilder()
                .start(start)
                .model((MultivariateJacobianFunction) at -> evaluate(at, lowest))
                .target(new double[places.size()])
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
        double[] values = new double[places.size()];
        double[][] jacobian = new double[places.size()][coordinates.length];
        double sum = 0;
        for (int i = 0; i < places.size(); i++) {
            double r = places.get(i).value(coordinates, jacobian[i]) - logValues[i];
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
