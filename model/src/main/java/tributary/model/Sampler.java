package tributary.model;

import java.util.Arrays;
import tributary.model.data.StatelessRandom;
import tributary.tensor.Tensor;

/// Draws tokens as a [Sampling] says, with memory of its own for sorting them. Not for several threads.
final class Sampler {
    /// A logit, mapped to a whole number that falls as it rises, and its token below it.
    private final long[] order;
    private final double[] cumulative;

    Sampler(int vocabulary) {
        order = new long[vocabulary];
        cumulative = new double[vocabulary];
    }

    /// As [Sampling#draw].
    ///
    /// @param logits (1, V) or (V)
    int draw(Sampling sampling, Tensor logits, long place) {
        int vocabulary = order.length;
        float[] values = logits.array();
        int at = logits.offset();
        if (sampling.temperature() == 0) {
            return likeliest(values, at);
        }
        for (int token = 0; token < vocabulary; token++) {
            order[token] = rank(values[at + token], token);
        }
        Arrays.sort(order);
        int kept = Math.min(sampling.topK(), vocabulary);
        double largest = values[at + (int) order[0]];
        double sum = 0;
        for (int i = 0; i < kept; i++) {
            sum += Math.exp((values[at + (int) order[i]] - largest) / sampling.temperature());
            cumulative[i] = sum;
        }
        double reach = sampling.topP() * sum;
        int candidates = 1;
        while (candidates < kept && cumulative[candidates - 1] < reach) {
            candidates++;
        }
        double draw = StatelessRandom.uniform(sampling.seed(), place, 0) * cumulative[candidates - 1];
        int chosen = 0;
        while (chosen < candidates - 1 && cumulative[chosen] <= draw) {
            chosen++;
        }
        return (int) order[chosen];
    }

    private int likeliest(float[] logits, int at) {
        int best = 0;
        for (int token = 1; token < order.length; token++) {
            if (logits[at + token] > logits[at + best]) {
                best = token;
            }
        }
        return best;
    }

    /// Ascending ranks are descending logits, and ascending tokens among equals.
    private static long rank(float logit, int token) {
        int bits = Float.floatToIntBits(logit + 0f); // -0 is 0
        int ascending = bits ^ (bits >> 31 & Integer.MAX_VALUE); // negative numbers fall as their bits rise
        return (long) ~ascending << 32 | token;
    }
}
