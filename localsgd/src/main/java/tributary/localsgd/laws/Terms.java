package tributary.localsgd.laws;

import java.util.List;
import java.util.function.DoubleSupplier;

/// A law at one place: ln y = ln (e^(r_1 c) + e^(r_2 c) + ...), a row r of numbers for each term and the coordinates c.
record Terms(double[][] rows) {

    /// ln y, without overflow.
    double value(double[] coordinates) {
        return value(coordinates, new double[coordinates.length]);
    }

    /// ln y.
    ///
    /// @param gradient overwritten with the derivative by the coordinates: each term's row times its share of the sum
    double value(double[] coordinates, double[] gradient) {
        double[] logs = new double[rows.length];
        double largest = Double.NEGATIVE_INFINITY;
        for (int k = 0; k < rows.length; k++) {
            for (int j = 0; j < coordinates.length; j++) {
                logs[k] += rows[k][j] * coordinates[j];
            }
            largest = Math.max(largest, logs[k]);
        }
        double sum = 0;
        for (double log : logs) {
            sum += Math.exp(log - largest);
        }
        for (int j = 0; j < coordinates.length; j++) {
            gradient[j] = 0;
            for (int k = 0; k < rows.length; k++) {
                gradient[j] += Math.exp(logs[k] - largest) / sum * rows[k][j];
            }
        }
        return largest + Math.log(sum);
    }

    /// Coordinates to begin a search with: exponents as the law has them, the terms in any proportion, and such factors that
    /// the law goes through the value.
    ///
    /// @param logValue ln y here
    /// @param uniform draws from [0, 1)
    double[] start(double logValue, List<Coefficient> unknowns, DoubleSupplier uniform) {
        double[] coordinates = new double[unknowns.size()];
        for (int j = 0; j < coordinates.length; j++) {
            Coefficient unknown = unknowns.get(j);
            coordinates[j] = unknown.low() + (unknown.high() - unknown.low()) * uniform.getAsDouble();
        }
        double[] shares = new double[rows.length];
        double sum = 0;
        for (int k = 0; k < shares.length; k++) {
            shares[k] = 0.05 + uniform.getAsDouble();
            sum += shares[k];
        }
        for (int k = 0; k < rows.length; k++) {
            double rest = 0;
            int factor = -1;
            for (int j = 0; j < coordinates.length; j++) {
                if (unknowns.get(j).scales()) {
                    factor = rows[k][j] == 1 ? j : factor;
                } else {
                    rest += rows[k][j] * coordinates[j];
                }
            }
            coordinates[factor] = logValue + Math.log(shares[k] / sum) - rest;
        }
        return coordinates;
    }
}
