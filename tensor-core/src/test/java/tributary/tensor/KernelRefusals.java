package tributary.tensor;

import java.util.List;
import java.util.function.Consumer;

/// Calls that every backend must refuse at the door, naming what is wrong.
final class KernelRefusals {

    /// @param words what the message has to contain
    record Refusal(String method, String[] words, Consumer<Kernels> call) {
        @Override
        public String toString() {
            return method + " " + String.join(" ", words);
        }
    }

    private KernelRefusals() {}

    private static Refusal refusal(String method, Consumer<Kernels> call, String... words) {
        return new Refusal(method, words, call);
    }

    static List<Refusal> all() {
        Tensor x = Tensor.zeros(4, 6);
        Tensor other = Tensor.zeros(6, 4);
        Tensor six = Tensor.zeros(6);
        Tensor four = Tensor.zeros(4);
        Tensor five = Tensor.zeros(5);
        IntTensor ids = IntTensor.zeros(4);
        AttentionLayout layout = AttentionLayout.separate(1, 2, 2, 3, 4); // operands of 24 elements
        Tensor q = Tensor.zeros(1, 2, 3, 4);
        Tensor logSumExp = Tensor.zeros(1, 2, 3);
        Tensor cache = Tensor.zeros(1, 3, 2);
        return List.of(
                refusal("matmul", k -> k.matmul(x, false, x, false, null, false, other), "matmul", "(4, 6)", "(6, 4)"),
                refusal("matmul", k -> k.matmul(x, false, other, false, five, false, Tensor.zeros(4, 4)), "matmul", "bias (5)"),
                refusal("matmulAdd", k -> k.matmulAdd(x, false, other, false, null, x, Tensor.zeros(4, 4)), "matmulAdd", "addend (4, 6)"),
                refusal("matmulUnary", k -> k.matmulUnary(Unary.RELU, x, false, other, false, null, Tensor.zeros(4, 4), x),
                        "matmulUnary", "y (4, 6)"),
                refusal("matmulUnaryBackward", k -> k.matmulUnaryBackward(Unary.RELU, x, false, other, false, x, Tensor.zeros(4, 4)),
                        "matmulUnaryBackward", "x (4, 6)"),
                refusal("matmulUnaryBackward",
                        k -> k.matmulUnaryBackward(Unary.TANH, x, false, other, false, Tensor.zeros(4, 4), Tensor.zeros(4, 4)),
                        "matmulUnaryBackward", "TANH", "its value"),
                refusal("unary", k -> k.unary(Unary.EXP, x, other), "unary", "(4, 6)", "(6, 4)"),
                refusal("unaryBackward", k -> k.unaryBackward(Unary.EXP, x, x, other, false, x), "unaryBackward", "dy (6, 4)"),
                refusal("binary", k -> k.binary(Binary.ADD, x, four, x), "(4, 6)", "(4)"),
                refusal("binary", k -> k.binary(Binary.ADD, six, six, x), "(6)", "(4, 6)"),
                refusal("binaryBackwardFirst", k -> k.binaryBackwardFirst(Binary.ADD, x, six, x, false, six), "da (6)"),
                refusal("binaryBackwardSecond", k -> k.binaryBackwardSecond(Binary.ADD, x, six, x, false, x), "db (4, 6)"),
                refusal("addScaled", k -> k.addScaled(1f, five, x), "addScaled", "(5)", "(4, 6)"),
                refusal("copy", k -> k.copy(five, false, x), "copy", "(5)", "(4, 6)"),
                refusal("dropout", k -> k.dropout(x, 0.1f, 1, false, other), "dropout", "(4, 6)", "(6, 4)"),
                refusal("dropout", k -> k.dropout(x, 1f, 1, false, x), "dropout", "p 1.0"),
                refusal("dropout", k -> k.dropout(x, Float.NaN, 1, false, x), "dropout", "p NaN"),
                refusal("sumAxis", k -> k.sumAxis(x, 5, 1, 1f, false, four), "sumAxis", "(4, 6)", "5", "(4)"),
                refusal("broadcastAxis", k -> k.broadcastAxis(four, 5, 1, 1f, false, x), "broadcastAxis", "(4, 6)", "5", "(4)"),
                refusal("transpose", k -> k.transpose(x, 0, 1, false, x), "transpose", "(4, 6)", "0 and 1"),
                refusal("transpose", k -> k.transpose(x, 0, 2, false, other), "transpose", "(4, 6)", "0 and 2"),
                refusal("softmax", k -> k.softmax(x, other), "softmax", "(4, 6)", "(6, 4)"),
                refusal("softmaxBackward", k -> k.softmaxBackward(x, x, false, other), "softmaxBackward", "dx (6, 4)"),
                refusal("logSoftmax", k -> k.logSoftmax(x, other), "logSoftmax", "(4, 6)", "(6, 4)"),
                refusal("logSoftmaxBackward", k -> k.logSoftmaxBackward(x, other, false, x), "logSoftmaxBackward", "dy (6, 4)"),
                refusal("layerNorm", k -> k.layerNorm(x, five, six, 1f, x, four, four), "layerNorm", "weight (5)", "(4, 6)"),
                refusal("layerNorm", k -> k.layerNorm(x, six, six, 1f, x, five, four), "layerNorm", "mean (5)", "(4, 6)"),
                refusal("layerNormBackward", k -> k.layerNormBackward(x, six, four, four, x, false, x, false, six, null),
                        "layerNormBackward", "dweight", "dbias"),
                refusal("rmsNorm", k -> k.rmsNorm(x, six, 1f, x, five), "rmsNorm", "rstd (5)", "(4, 6)"),
                refusal("rmsNormBackward", k -> k.rmsNormBackward(x, six, four, x, false, x, false, five), "rmsNormBackward",
                        "dweight (5)"),
                refusal("embedding", k -> k.embedding(x, IntTensor.of(new int[] {0, 3, 4}, 3), Tensor.zeros(3, 6)),
                        "embedding", "id 4", "place 2", "[0, 4)"),
                refusal("embedding", k -> k.embedding(x, ids, other), "embedding", "(4, 6)", "(6, 4)"),
                refusal("embeddingBackward", k -> k.embeddingBackward(IntTensor.of(new int[] {-1}, 1), six, false, x),
                        "embeddingBackward", "id -1", "place 0"),
                refusal("attention", k -> k.attention(layout, q, q, five, q, logSumExp), "attention", "v (5)"),
                refusal("attentionBackward", k -> k.attentionBackward(layout, q, q, q, q, logSumExp, q, false, q, five, q),
                        "attentionBackward", "dk (5)"),
                refusal("cachedAttention", k -> k.cachedAttention(0, x, cache, Tensor.zeros(1, 4, 2), Tensor.zeros(4, 2)),
                        "cachedAttention", "keys (1, 3, 2)", "values (1, 4, 2)"),
                refusal("cachedAttention", k -> k.cachedAttention(0, x, cache, cache, Tensor.zeros(4, 4)),
                        "cachedAttention", "qkv (4, 6)", "(1, 3, 2)", "out (4, 4)"),
                refusal("cachedAttention", k -> k.cachedAttention(0, x, cache, cache, Tensor.zeros(4, 2)),
                        "cachedAttention", "4 new positions from position 0", "(1, 3, 2)"),
                refusal("cachedAttention", k -> k.cachedAttention(-1, Tensor.zeros(1, 6), cache, cache, Tensor.zeros(1, 2)),
                        "cachedAttention", "position -1"),
                refusal("rope", k -> k.rope(Tensor.zeros(2, 3), 1e4f, false, false, Tensor.zeros(2, 3)), "rope", "(2, 3)", "even"),
                refusal("crossEntropy", k -> k.crossEntropy(x, IntTensor.of(new int[] {0, 0, 6, 0}, 4), -1, four, four),
                        "crossEntropy", "target 6", "place 2", "[0, 6)"),
                refusal("crossEntropy", k -> k.crossEntropy(x, ids, -1, five, four), "crossEntropy", "losses (5)"),
                refusal("crossEntropyBackward", k -> k.crossEntropyBackward(x, ids, -1, four, 1f, false, other),
                        "crossEntropyBackward", "(4, 6)", "(6, 4)"),
                refusal("adamW", k -> k.adamW(x, five, x, x, 1f, 1f, 0.9f, 0.9f, 1f, 0f, new int[0], 1), "adamW", "gradients (5)"),
                refusal("adamW", k -> k.adamW(x, x, x, x, 1f, 1f, 0.9f, 0.9f, 1f, 0f, new int[0], 0), "adamW", "step 0"),
                refusal("adamW", k -> k.adamW(x, x, x, x, 1f, 1f, 0.9f, 0.9f, 1f, 0f, new int[] {0, 25}, 1), "adamW", "[0, 25]", "24"),
                refusal("adamW", k -> k.adamW(x, x, x, x, 1f, 1f, 0.9f, 0.9f, 1f, 0f, new int[] {0, 4, 4, 6}, 1), "[0, 4, 4, 6]"),
                refusal("adamW", k -> k.adamW(x, x, x, x, 1f, 1f, 0.9f, 0.9f, 1f, 0f, new int[] {3}, 1), "[3]"),
                refusal("sgd", k -> k.sgd(x, x, five, 1f, 0.9f, false), "sgd", "velocity (5)"));
    }
}
