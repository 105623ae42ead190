package tributary.tensor;

import java.util.function.Consumer;
import java.util.function.Function;

/// A call of one kernel: its operands are made first, then it may be run, also more than once.
///
/// @param method the method of [Kernels]
/// @param name what is special about it: sizes, flags
/// @param tolerance the error allowed, as a share of the largest result
record KernelCase(String method, String name, double tolerance, Function<Operands, Consumer<Kernels>> call) {

    @Override
    public String toString() {
        return method + " " + name;
    }
}
