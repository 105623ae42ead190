package tributary.localsgd.laws;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A factor times a power of each quantity: a plane in the logarithms, found by least squares.
sealed interface Product extends Law
        permits Power, Joint, JointTokens, LocalSteps, JointLocalSteps, BestParameters, BestTokens, LearningRate, LearningRateJoint, Batch,
        BatchJoint,
        OuterLearningRate {

    @Override
    default double[][] terms(double[] x) {
        double[] row = new double[x.length + 1];
        row[0] = 1;
        for (int i = 0; i < x.length; i++) {
            row[i + 1] = Math.log(x[i]);
        }
        return new double[][] {row};
    }

    @Override
    default Map<Quantity, Double> effectiveSize(double[] coordinates) {
        List<Quantity> quantities = quantities();
        Map<Quantity, Double> exponents = new LinkedHashMap<>();
        for (int i = 1; i < quantities.size() && target() == Quantity.LOSS; i++) {
            exponents.put(quantities.get(i), coordinates[i + 1] / coordinates[1]);
        }
        return exponents;
    }
}
