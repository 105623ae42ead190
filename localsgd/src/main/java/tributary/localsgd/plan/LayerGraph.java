package tributary.localsgd.plan;

import java.util.Arrays;
import java.util.stream.IntStream;

/// **Compute utilisation of training that communicates while it computes**, layer by layer.   After the simulator of Douillard
/// et al. 2025, arXiv:2501.18512.
///
/// A step of L layers is a graph of up to 4 L - 1 nodes, where each layer takes the same time and the same bits:
///
/// ```
/// forward of layers 1 .. L                           c / (3 L - 1) each
/// backward of layers L .. 1:   by activations        c / (3 L - 1) each, none for layer 1
///                              by weights            c / (3 L - 1) each
/// a layer that is sent:        its reduction         bits / (L W)
/// ```
///
/// A processor does the first three kinds one after the other, the line the fourth, in the order in which layers are ready. A
/// layer is sent when its gradient by weights is there, and the forward pass of the step that must have it, tau steps
/// later than the next one, waits for it.
///
/// Fragment p of P holds the layers p, p + P, p + 2 P ... and is sent every H steps, the fragments' turns evenly spread; with one
/// fragment and tau = 0 it is DiLoCo, with H = 1 as well data parallel training.
///
/// @param layers L
/// @param step c, seconds of a step that never waits
/// @param bits that a whole reduction moves over the line
/// @param localSteps H
/// @param fragments P, at most L
/// @param overlap tau, in steps, less than H
record LayerGraph(int layers, double step, double bits, int localSteps, int fragments, int overlap) {
    /// Wider than any line there is.
    private static final double MOST = 1e18;

    LayerGraph {
        if (layers < 1 || fragments < 1 || fragments > layers) {
            throw new IllegalArgumentException("fragments " + fragments + " is not between 1 and layers " + layers);
        }
        if (overlap < 0 || overlap >= localSteps) {
            throw new IllegalArgumentException("overlap " + overlap + " is not between 0 and local-steps " + localSteps + " less one");
        }
        if (!(step > 0 && bits > 0)) {
            throw new IllegalArgumentException("a step of " + step + " seconds and " + bits + " bits cannot be; both must be positive");
        }
    }

    /// The share of the time in which the processor computes, once training is underway.
    ///
    /// @param bandwidth W
    double utilization(double bandwidth) {
        double node = step / (3 * layers - 1);
        double reduction = bits / layers / bandwidth;
        double processor = 0;
        double line = 0;
        double begin = 0;
        double[][] arrival = new double[overlap + 1][layers]; // of what was sent so many steps ago, modulo
        int periods = 3;
        for (int t = 0; t < periods * localSteps; t++) {
            if (t == (periods - 1) * localSteps) {
                begin = processor;
            }
            double[] due = arrival[t % (overlap + 1)]; // sent in step t - overlap - 1
            if (!someoneIsSent(t) && Arrays.stream(due).max().orElseThrow() <= processor) {
                processor += step;
                continue;
            }
            for (int layer = 0; layer < layers; layer++) {
                processor = Math.max(processor, due[layer]) + node;
            }
            Arrays.fill(due, 0);
            for (int layer = layers - 1; layer >= 0; layer--) {
                processor += layer == 0 ? node : 2 * node;
                if (isSent(layer, t)) {
                    line = Math.max(line, processor) + reduction;
                    due[layer] = line;
                }
            }
        }
        return localSteps * step / (processor - begin);
    }

    private boolean isSent(int layer, int t) {
        return Math.floorMod(t + 1 - layer % fragments * localSteps / fragments, localSteps) == 0;
    }

    private boolean someoneIsSent(int t) {
        return IntStream.range(0, fragments).anyMatch(fragment -> isSent(fragment, t));
    }

    /// The least bandwidth with this utilisation.
    ///
    /// @param target in (0, 1)
    double bandwidth(double target) {
        double low = Math.log(bits / step / localSteps * 1e-6);
        double high = Math.log(MOST);
        for (int i = 0; i < 50; i++) {
            double middle = (low + high) / 2;
            if (utilization(Math.exp(middle)) >= target) {
                high = middle;
            } else {
                low = middle;
            }
        }
        return Math.exp(high);
    }
}
