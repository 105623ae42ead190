package tributary.tensor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Calls of every kernel at awkward sizes: below, at and above a vector, several parts, every flag, in place where the
/// contract allows it.
final class KernelCases {
    private static final double ELEMENTWISE = 1e-6;
    private static final double SUMS = 3e-6;
    private static final int[] LENGTHS = {1, 7, 13, 31, 64, 207, 702, 20_000};
    private static final int[][] ROWS = {{1, 1}, {3, 7}, {5, 13}, {2, 2, 31}, {3, 64}, {2, 207}, {3, 702}, {150, 130}, {2, 16_500}};
    private static final boolean[] FLAGS = {false, true};

    private final List<KernelCase> cases = new ArrayList<>();

    static List<KernelCase> all() {
        KernelCases all = new KernelCases();
        all.products();
        all.unary();
        all.binary();
        all.linear();
        all.sums();
        all.softmax();
        all.norms();
        all.embeddings();
        all.attention();
        all.cachedAttention();
        all.crossEntropy();
        all.optimizers();
        return all.cases;
    }

    private void add(String method, String name, double tolerance, Function<Operands, Consumer<Kernels>> call) {
        cases.add(new KernelCase(method, name, tolerance, call));
    }

    private void products() {
        int[][] sizes = {{1, 1, 1}, {1, 64, 31}, {7, 13, 31}, {31, 7, 64}, {64, 207, 13}, {130, 64, 70}};
        for (int[] size : sizes) {
            int m = size[0];
            int k = size[1];
            int n = size[2];
            for (boolean transposeA : FLAGS) {
                for (boolean transposeB : FLAGS) {
                    for (boolean accumulate : FLAGS) {
                        String flags = (transposeA ? " aT" : "") + (transposeB ? " bT" : "") + (accumulate ? " +=" : "");
                        String name = Arrays.toString(size) + flags;
                        add("matmul", name, SUMS, o -> {
                            Tensor a = transposeA ? o.input(2, k, m) : o.input(2, m, k);
                            Tensor b = transposeB ? o.input(2, n, k) : o.input(2, k, n);
                            Tensor bias = accumulate ? null : o.input(n);
                            Tensor c = o.result(accumulate, 2, m, n);
                            return kernels -> kernels.matmul(a, transposeA, b, transposeB, bias, accumulate, c);
                        });
                    }
                    finishedProducts(m, k, n, transposeA, transposeB);
                }
            }
        }
        finishedProducts(50, 1700, 300, false, false); // several blocks of k, several parts
    }

    /// Operands of a product, with a bias where nothing is transposed.
    private record Factors(Tensor a, Tensor b, @Nullable Tensor bias) {
        static Factors of(Operands o, int m, int k, int n, boolean transposeA, boolean transposeB) {
            return new Factors(transposeA ? o.input(2, k, m) : o.input(2, m, k), transposeB ? o.input(2, n, k) : o.input(2, k, n),
                    transposeA || transposeB ? null : o.input(n));
        }
    }

    private void finishedProducts(int m, int k, int n, boolean transposeA, boolean transposeB) {
        String name = Arrays.toString(new int[] {m, k, n}) + (transposeA ? " aT" : "") + (transposeB ? " bT" : "");
        add("matmulAdd", name, SUMS, o -> {
            Factors f = Factors.of(o, m, k, n, transposeA, transposeB);
            Tensor addend = o.input(2, m, n);
            Tensor c = o.output(2, m, n);
            return kernels -> kernels.matmulAdd(f.a, transposeA, f.b, transposeB, f.bias, addend, c);
        });
        add("matmulUnary", name, SUMS, o -> {
            Factors f = Factors.of(o, m, k, n, transposeA, transposeB);
            Tensor x = o.output(2, m, n);
            Tensor y = o.output(2, m, n);
            return kernels -> kernels.matmulUnary(Unary.GELU_TANH, f.a, transposeA, f.b, transposeB, f.bias, x, y);
        });
        add("matmulUnaryBackward", name, SUMS, o -> {
            Factors f = Factors.of(o, m, k, n, transposeA, transposeB);
            Tensor x = o.input(2, m, n);
            Tensor dx = o.output(2, m, n);
            return kernels -> kernels.matmulUnaryBackward(Unary.SILU, f.a, transposeA, f.b, transposeB, x, dx);
        });
    }

    private void unary() {
        for (Unary f : Unary.values()) {
            double tolerance = f == Unary.GELU_ERF ? SUMS : ELEMENTWISE; // Phi(x) is good to 7 ulp
            for (int n : LENGTHS) {
                add("unary", f + " " + n, tolerance, o -> {
                    Tensor x = f == Unary.LOG ? o.positive(n) : o.input(n);
                    Tensor y = o.output(n);
                    return kernels -> kernels.unary(f, x, y);
                });
                for (boolean accumulate : FLAGS) {
                    add("unaryBackward", f + " " + n + (accumulate ? " +=" : ""), tolerance, o -> {
                        Tensor x = f == Unary.LOG ? o.positive(n) : o.input(n);
                        Tensor y = Tensor.zeros(n);
                        Kernels.reference().unary(f, x, y);
                        Tensor value = o.values(y);
                        Tensor dy = o.input(n);
                        Tensor dx = o.result(accumulate, n);
                        return kernels -> kernels.unaryBackward(f, x, value, dy, accumulate, dx);
                    });
                }
            }
            add("unary", f + " in place", tolerance, o -> {
                Tensor x = o.changedPositive(99);
                return kernels -> kernels.unary(f, x, x);
            });
        }
    }

    private void binary() {
        int[][][] shapes = {
            {{}, {}}, {{7}, {7}}, {{5, 13}, {5, 13}}, {{20_000}, {20_000}}, {{20_000}, {1}}, {{1}, {20_000}}, {{3, 40}, {}},
            {{5, 13}, {13}}, {{13}, {5, 13}}, {{150, 130}, {130}}, {{150, 130}, {150, 1}}, {{2, 31, 207}, {31, 207}},
            {{4, 1, 6}, {3, 1}}, {{3, 5, 1}, {3, 5, 207}}, {{2, 3, 4, 5}, {3, 1, 5}}, {{2, 1, 64}, {2, 9, 64}}, {{2, 1, 130}, {1, 70, 1}},
            {{2, 3, 4, 5, 2}, {2, 1, 4, 1, 2}}
        };
        for (Binary f : Binary.values()) {
            for (int[][] pair : shapes) {
                int[] first = pair[0];
                int[] second = pair[1];
                int[] common = Shape.broadcast(Shape.of(first), Shape.of(second)).toArray();
                String name = f + " " + Arrays.toString(first) + " " + Arrays.toString(second);
                add("binary", name, ELEMENTWISE, o -> {
                    Tensor a = o.input(first);
                    Tensor b = o.positive(second);
                    Tensor out = o.output(common);
                    return kernels -> kernels.binary(f, a, b, out);
                });
                for (boolean accumulate : FLAGS) {
                    add("binaryBackwardFirst", name + (accumulate ? " +=" : ""), SUMS, o -> {
                        Tensor a = o.positive(first);
                        Tensor b = o.positive(second);
                        Tensor dy = o.positive(common);
                        Tensor da = o.result(accumulate, first);
                        return kernels -> kernels.binaryBackwardFirst(f, a, b, dy, accumulate, da);
                    });
                    add("binaryBackwardSecond", name + (accumulate ? " +=" : ""), SUMS, o -> {
                        Tensor a = o.positive(first);
                        Tensor b = o.positive(second);
                        Tensor dy = o.positive(common);
                        Tensor db = o.result(accumulate, second);
                        return kernels -> kernels.binaryBackwardSecond(f, a, b, dy, accumulate, db);
                    });
                }
            }
            add("binary", f + " into a", ELEMENTWISE, o -> {
                Tensor a = o.changedPositive(9, 31);
                Tensor b = o.positive(31);
                return kernels -> kernels.binary(f, a, b, a);
            });
            add("binary", f + " into b", ELEMENTWISE, o -> {
                Tensor a = o.input(31);
                Tensor b = o.changedPositive(9, 31);
                return kernels -> kernels.binary(f, a, b, b);
            });
        }
    }

    private void linear() {
        for (int n : LENGTHS) {
            add("addScaled", "" + n, ELEMENTWISE, o -> {
                Tensor x = o.input(n);
                Tensor y = o.changed(1, n);
                return kernels -> kernels.addScaled(-0.3f, x, y);
            });
            add("scale", "" + n, ELEMENTWISE, o -> {
                Tensor x = o.changed(n);
                return kernels -> kernels.scale(0.7f, x);
            });
            for (boolean accumulate : FLAGS) {
                add("copy", n + (accumulate ? " +=" : ""), ELEMENTWISE, o -> {
                    Tensor x = o.input(n);
                    Tensor y = o.result(accumulate, n, 1);
                    return kernels -> kernels.copy(x, accumulate, y);
                });
                for (float p : new float[] {0, 0.1f, 0.75f}) {
                    add("dropout", n + " p " + p + (accumulate ? " +=" : ""), ELEMENTWISE, o -> {
                        Tensor x = o.input(n);
                        Tensor y = o.result(accumulate, n);
                        return kernels -> kernels.dropout(x, p, -7_000_000_001L, accumulate, y);
                    });
                }
            }
        }
    }

    private void sums() {
        int[][] sizes = {
            {1, 1, 1}, {1, 7, 1}, {5, 13, 1}, {1, 40_000, 1}, {2, 17_000, 1}, {700, 31, 1}, {1, 13, 7}, {3, 31, 64}, {1, 207, 207},
            {2, 200, 130}, {1, 64, 702}, {9, 1, 31}, {300, 5, 3}
        };
        for (int[] size : sizes) {
            int outer = size[0];
            int length = size[1];
            int inner = size[2];
            for (boolean accumulate : FLAGS) {
                String name = Arrays.toString(size) + (accumulate ? " +=" : "");
                add("sumAxis", name, SUMS, o -> {
                    Tensor x = o.positive(outer, length, inner);
                    Tensor out = o.result(accumulate, outer, inner);
                    return kernels -> kernels.sumAxis(x, length, inner, 0.25f, accumulate, out);
                });
                add("broadcastAxis", name, ELEMENTWISE, o -> {
                    Tensor dout = o.input(outer, inner);
                    Tensor dx = o.result(accumulate, outer, length, inner);
                    return kernels -> kernels.broadcastAxis(dout, length, inner, 0.25f, accumulate, dx);
                });
            }
        }
        for (int n : LENGTHS) {
            add("squaredNorm", "" + n, 1e-7, o -> {
                Tensor x = o.input(n);
                Tensor norm = o.number();
                return kernels -> norm.set(0, (float) kernels.squaredNorm(x));
            });
        }
        int[][] shapes = {{1, 1}, {7, 13}, {207, 31}, {130, 300}, {3, 13, 7}, {2, 7, 5, 13}, {2, 64, 3, 32}, {200, 2, 40}};
        for (int[] shape : shapes) {
            for (int axis1 = 0; axis1 < shape.length; axis1++) {
                for (int axis2 = 0; axis2 < shape.length; axis2++) {
                    boolean accumulate = axis1 > axis2;
                    int first = axis1;
                    int second = axis2;
                    add("transpose", Arrays.toString(shape) + " " + axis1 + " " + axis2 + (accumulate ? " +=" : ""), ELEMENTWISE, o -> {
                        Tensor x = o.input(shape);
                        Tensor y = o.result(accumulate, Shape.of(shape).swapped(first, second).toArray());
                        return kernels -> kernels.transpose(x, first, second, accumulate, y);
                    });
                }
            }
        }
    }

    private void softmax() {
        for (int[] shape : ROWS) {
            String sizes = Arrays.toString(shape);
            add("softmax", sizes, ELEMENTWISE, o -> {
                Tensor x = o.input(shape);
                Tensor y = o.output(shape);
                return kernels -> kernels.softmax(x, y);
            });
            add("softmax", sizes + " in place", ELEMENTWISE, o -> {
                Tensor x = o.changed(shape);
                return kernels -> kernels.softmax(x, x);
            });
            add("logSoftmax", sizes, ELEMENTWISE, o -> {
                Tensor x = o.input(shape);
                Tensor y = o.output(shape);
                return kernels -> kernels.logSoftmax(x, y);
            });
            add("logSoftmax", sizes + " in place", ELEMENTWISE, o -> {
                Tensor x = o.changed(shape);
                return kernels -> kernels.logSoftmax(x, x);
            });
            for (boolean accumulate : FLAGS) {
                String name = sizes + (accumulate ? " +=" : "");
                add("softmaxBackward", name, SUMS, o -> {
                    Tensor probabilities = Tensor.zeros(shape);
                    Kernels.reference().softmax(o.input(shape), probabilities);
                    Tensor y = o.values(probabilities);
                    Tensor dy = o.input(shape);
                    Tensor dx = o.result(accumulate, shape);
                    return kernels -> kernels.softmaxBackward(y, dy, accumulate, dx);
                });
                add("logSoftmaxBackward", name, SUMS, o -> {
                    Tensor logarithms = Tensor.zeros(shape);
                    Kernels.reference().logSoftmax(o.input(shape), logarithms);
                    Tensor y = o.values(logarithms);
                    Tensor dy = o.input(shape);
                    Tensor dx = o.result(accumulate, shape);
                    return kernels -> kernels.logSoftmaxBackward(y, dy, accumulate, dx);
                });
            }
        }
    }

    private void norms() {
        for (int[] shape : ROWS) {
            Shape whole = Shape.of(shape);
            int rows = whole.rows();
            int width = whole.last();
            String sizes = Arrays.toString(shape);
            add("layerNorm", sizes, SUMS, o -> {
                Tensor x = o.input(shape);
                Tensor weight = o.input(width);
                Tensor bias = o.input(width);
                Tensor y = o.output(shape);
                Tensor mean = o.output(rows);
                Tensor rstd = o.output(rows);
                return kernels -> kernels.layerNorm(x, weight, bias, 0.125f, y, mean, rstd);
            });
            add("rmsNorm", sizes, SUMS, o -> {
                Tensor x = o.input(shape);
                Tensor weight = o.input(width);
                Tensor y = o.output(shape);
                Tensor rstd = o.output(rows);
                return kernels -> kernels.rmsNorm(x, weight, 1e-6f, y, rstd);
            });
            for (boolean accumulate : FLAGS) {
                for (Wanted wanted : Wanted.values()) {
                    String name = sizes + " " + wanted + (accumulate ? " +=" : "");
                    add("layerNormBackward", name, SUMS, o -> {
                        Tensor x = o.input(shape);
                        Tensor weight = o.input(width);
                        Tensor mean = o.input(rows);
                        Tensor rstd = o.positive(rows);
                        Tensor dy = o.input(shape);
                        Tensor dx = wanted == Wanted.PARAMETERS ? null : o.result(accumulate, shape);
                        Tensor dweight = wanted == Wanted.INPUT ? null : o.result(!accumulate, width);
                        Tensor dbias = wanted == Wanted.INPUT ? null : o.result(!accumulate, width);
                        return kernels -> kernels.layerNormBackward(x, weight, mean, rstd, dy, accumulate, dx, !accumulate, dweight, dbias);
                    });
                    add("rmsNormBackward", name, SUMS, o -> {
                        Tensor x = o.input(shape);
                        Tensor weight = o.input(width);
                        Tensor rstd = o.positive(rows);
                        Tensor dy = o.input(shape);
                        Tensor dx = wanted == Wanted.PARAMETERS ? null : o.result(accumulate, shape);
                        Tensor dweight = wanted == Wanted.INPUT ? null : o.result(!accumulate, width);
                        return kernels -> kernels.rmsNormBackward(x, weight, rstd, dy, accumulate, dx, !accumulate, dweight);
                    });
                }
            }
        }
    }

    private enum Wanted {
        INPUT, PARAMETERS, BOTH
    }

    private void embeddings() {
        int[][] sizes = {{1, 1, 1}, {5, 7, 13}, {31, 64, 31}, {65, 300, 130}, {702, 50, 207}}; // V, ids, C
        for (int[] size : sizes) {
            int vocabulary = size[0];
            int count = size[1];
            int width = size[2];
            add("embedding", Arrays.toString(size), 0, o -> {
                Tensor weight = o.input(vocabulary, width);
                IntTensor ids = o.ids(count, vocabulary);
                Tensor y = o.output(count, width);
                return kernels -> kernels.embedding(weight, ids, y);
            });
            for (boolean accumulate : FLAGS) {
                add("embeddingBackward", Arrays.toString(size) + (accumulate ? " +=" : ""), SUMS, o -> {
                    IntTensor ids = o.ids(count, vocabulary);
                    Tensor dy = o.input(count, width);
                    Tensor dweight = o.result(accumulate, vocabulary, width);
                    return kernels -> kernels.embeddingBackward(ids, dy, accumulate, dweight);
                });
            }
        }
        int[][] shapes = {{1, 2}, {3, 7, 2}, {2, 3, 13, 6}, {2, 31, 64}, {3, 130, 62}};
        for (int[] shape : shapes) {
            for (boolean accumulate : FLAGS) {
                for (boolean inverse : FLAGS) {
                    add("rope", Arrays.toString(shape) + (inverse ? " inverse" : "") + (accumulate ? " +=" : ""), ELEMENTWISE, o -> {
                        Tensor x = o.input(shape);
                        Tensor y = o.result(accumulate, shape);
                        return kernels -> kernels.rope(x, 10_000f, inverse, accumulate, y);
                    });
                }
            }
        }
    }

    private void attention() {
        int[][] sizes = {{1, 1, 1, 1, 1}, {2, 3, 3, 7, 13}, {1, 4, 2, 31, 16}, {2, 2, 2, 70, 32}, {1, 2, 1, 130, 64}}; // B, nh, kv, T, hs
        for (int[] size : sizes) {
            int batch = size[0];
            int heads = size[1];
            int keyHeads = size[2];
            int length = size[3];
            int hs = size[4];
            AttentionLayout layout = AttentionLayout.separate(batch, heads, keyHeads, length, hs);
            AttentionLayout packed = AttentionLayout.packed(batch, heads, keyHeads, length, hs);
            int row = (heads + 2 * keyHeads) * hs;
            add("attention", Arrays.toString(size), SUMS, o -> {
                Tensor q = o.input(batch, heads, length, hs);
                Tensor k = o.input(batch, keyHeads, length, hs);
                Tensor v = o.input(batch, keyHeads, length, hs);
                Tensor out = o.output(batch, heads, length, hs);
                Tensor logSumExp = o.output(batch, heads, length);
                return kernels -> kernels.attention(layout, q, k, v, out, logSumExp);
            });
            add("attention", Arrays.toString(size) + " packed", SUMS, o -> {
                Tensor qkv = o.input(batch, length, row);
                Tensor out = o.output(batch, length, heads * hs);
                Tensor logSumExp = o.output(batch, heads, length);
                return kernels -> kernels.attention(packed, qkv, qkv, qkv, out, logSumExp);
            });
            for (boolean accumulate : FLAGS) {
                add("attentionBackward", Arrays.toString(size) + " packed" + (accumulate ? " +=" : ""), SUMS, o -> {
                    Tensor qkv = o.input(batch, length, row);
                    Tensor result = Tensor.zeros(batch, length, heads * hs);
                    Tensor denominators = Tensor.zeros(batch, heads, length);
                    Kernels.reference().attention(packed, qkv, qkv, qkv, result, denominators);
                    Tensor out = o.values(result);
                    Tensor logSumExp = o.values(denominators);
                    Tensor dout = o.input(batch, length, heads * hs);
                    Tensor dqkv = o.result(accumulate, batch, length, row);
                    return kernels -> kernels.attentionBackward(packed, qkv, qkv, qkv, out, logSumExp, dout, accumulate, dqkv, dqkv, dqkv);
                });
            }
        }
    }

    private void cachedAttention() {
        // nh, kv, T, hs, position, N
        int[][] sizes = {
            {1, 1, 1, 1, 0, 1}, {3, 3, 7, 13, 6, 1}, {4, 2, 31, 16, 0, 31}, {2, 2, 70, 32, 68, 2}, {6, 2, 130, 64, 0, 100},
            {2, 1, 130, 64, 100, 25}, {4, 4, 702, 64, 700, 1}
        };
        for (int[] size : sizes) {
            int heads = size[0];
            int keyHeads = size[1];
            int capacity = size[2];
            int hs = size[3];
            int position = size[4];
            int count = size[5];
            add("cachedAttention", Arrays.toString(size), SUMS, o -> {
                Tensor qkv = o.input(count, (heads + 2 * keyHeads) * hs);
                Tensor keys = o.changed(keyHeads, capacity, hs);
                Tensor values = o.changed(keyHeads, capacity, hs);
                Tensor out = o.output(count, heads * hs);
                return kernels -> kernels.cachedAttention(position, qkv, keys, values, out);
            });
        }
    }

    private void crossEntropy() {
        for (int[] shape : ROWS) {
            int rows = Shape.of(shape).rows();
            int vocabulary = Shape.of(shape).last();
            add("crossEntropy", Arrays.toString(shape), ELEMENTWISE, o -> {
                Tensor logits = o.input(shape);
                IntTensor targets = targets(o, rows, vocabulary);
                Tensor losses = o.output(rows);
                Tensor logSumExp = o.output(rows);
                return kernels -> kernels.crossEntropy(logits, targets, -100, losses, logSumExp);
            });
            for (boolean accumulate : FLAGS) {
                add("crossEntropyBackward", Arrays.toString(shape) + (accumulate ? " +=" : ""), ELEMENTWISE, o -> {
                    Tensor logits = o.input(shape);
                    IntTensor targets = targets(o, rows, vocabulary);
                    Tensor logSumExp = o.values(denominators(logits, targets));
                    Tensor dlogits = o.result(accumulate, shape);
                    return kernels -> kernels.crossEntropyBackward(logits, targets, -100, logSumExp, 0.5f, accumulate, dlogits);
                });
            }
            add("crossEntropyBackward", Arrays.toString(shape) + " in place", ELEMENTWISE, o -> {
                Tensor logits = o.changed(shape);
                IntTensor targets = targets(o, rows, vocabulary);
                Tensor logSumExp = o.values(denominators(logits, targets));
                return kernels -> kernels.crossEntropyBackward(logits, targets, -100, logSumExp, 0.5f, false, logits);
            });
        }
    }

    /// Every third row is ignored, but not the first.
    private static IntTensor targets(Operands o, int rows, int vocabulary) {
        IntTensor targets = o.ids(rows, vocabulary);
        for (int row = 2; row < rows; row += 3) {
            targets.array()[row] = -100;
        }
        return targets;
    }

    private static Tensor denominators(Tensor logits, IntTensor targets) {
        Tensor losses = Tensor.zeros(logits.shape().rows());
        Tensor logSumExp = Tensor.zeros(logits.shape().rows());
        Kernels.reference().crossEntropy(logits, targets, -100, losses, logSumExp);
        return logSumExp;
    }

    private void optimizers() {
        for (int n : LENGTHS) {
            for (int step : new int[] {1, 100}) {
                add("adamW", n + " step " + step, ELEMENTWISE, o -> {
                    Tensor parameters = o.changed(n);
                    Tensor gradients = o.input(n);
                    Tensor m = o.changed(n);
                    Tensor v = o.changedPositive(n);
                    int[] decayed = n < 64 ? new int[] {0, n} : new int[] {0, 5, 7, 40, 41, n - 1}; // within and across vectors
                    return kernels -> kernels.adamW(parameters, gradients, m, v, 0.5f, 0.01f, 0.9f, 0.95f, 1e-8f, 5f, decayed, step);
                });
            }
            for (boolean nesterov : FLAGS) {
                add("sgd", n + (nesterov ? " nesterov" : ""), ELEMENTWISE, o -> {
                    Tensor parameters = o.changed(n);
                    Tensor gradients = o.input(n);
                    Tensor velocity = o.changed(n);
                    return kernels -> kernels.sgd(parameters, gradients, velocity, 0.1f, 0.9f, nesterov);
                });
            }
        }
    }
}
