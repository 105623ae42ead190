package tributary.autograd.op;

import java.util.List;
import tributary.autograd.Variable;
import tributary.tensor.IntTensor;
import tributary.tensor.Kernels;
import tributary.tensor.Shape;
import tributary.tensor.Tensor;

/// **Embedding**  y[i] = weight[ids[i]].
/// Shapes: weight (V, C), ids (...) -> y (..., C).
/// Gradient: dweight[ids[i]] = sum of dy[i] over all i with that id; 0 for ids that do not occur.
///
/// The ids are read at each forward: new ids in the same array are what a replay computes on.
public final class Embedding implements Op {
    private final Variable weight;
    private final IntTensor ids;
    private final Shape shape;

    public Embedding(Variable weight, IntTensor ids) {
        Shape table = weight.value().shape();
        if (table.rank() != 2) {
            throw new IllegalArgumentException("embedding: weight " + table + " is not (V, C)");
        }
        this.weight = weight;
        this.ids = ids;
        this.shape = ids.shape().with(table.last());
    }

    @Override
    public List<Variable> inputs() {
        return List.of(weight);
    }

    @Override
    public Shape shape() {
        return shape;
    }

    @Override
    public void forward(Kernels kernels, Tensor y) {
        kernels.embedding(weight.value(), ids, y);
    }

    @Override
    public void backward(Kernels kernels, Variable y) {
        kernels.embeddingBackward(ids, y.gradient(), weight.accumulate(), weight.gradient());
    }
}
