package tributary.tensor.simd;

import java.util.Arrays;
import tributary.tensor.Shape;

/// How two operands are laid over their common shape: its axes, innermost first, with the step of each operand along
/// them, 0 where it is repeated. Neighbouring axes that both operands walk alike are merged, so that equal shapes, a
/// vector added to every row and a scalar become one or two long axes.
final class BroadcastPlan {
    private int axes;
    private int[] sizes = new int[8];
    private int[] firstSteps = new int[8];
    private int[] secondSteps = new int[8];
    private int[] commonSteps = new int[8];

    /// Plans for operands a and b that broadcast to `common`. Allocates only where there are more axes than ever before.
    void lay(Shape a, Shape b, Shape common) {
        if (common.rank() > sizes.length) {
            sizes = Arrays.copyOf(sizes, common.rank());
            firstSteps = Arrays.copyOf(firstSteps, common.rank());
            secondSteps = Arrays.copyOf(secondSteps, common.rank());
            commonSteps = Arrays.copyOf(commonSteps, common.rank());
        }
        axes = 0;
        int aStep = 1;
        int bStep = 1;
        for (int i = 1; i <= common.rank(); i++) {
            int size = common.size(-i);
            int aSize = i <= a.rank() ? a.size(-i) : 1;
            int bSize = i <= b.rank() ? b.size(-i) : 1;
            if (size > 1) {
                add(size, aSize == 1 ? 0 : aStep, bSize == 1 ? 0 : bStep);
            }
            aStep *= aSize;
            bStep *= bSize;
        }
        if (axes == 0) {
            add(1, 0, 0);
        }
    }

    private void add(int size, int aStep, int bStep) {
        int inner = axes - 1;
        if (axes > 0 && aStep == firstSteps[inner] * sizes[inner] && bStep == secondSteps[inner] * sizes[inner]) {
            sizes[inner] *= size;
        } else {
            sizes[axes] = size;
            firstSteps[axes] = aStep;
            secondSteps[axes] = bStep;
            commonSteps[axes] = axes == 0 ? 1 : commonSteps[inner] * sizes[inner];
            axes++;
        }
    }

    /// How many axes are left; at least one.
    int axes() {
        return axes;
    }

    int size(int axis) {
        return sizes[axis];
    }

    /// The steps of the first operand: on the innermost axis 0 or 1.
    int[] firstSteps() {
        return firstSteps;
    }

    /// The steps of the second operand: on the innermost axis 0 or 1.
    int[] secondSteps() {
        return secondSteps;
    }

    /// The steps of the common shape: on the innermost axis 1.
    int[] commonSteps() {
        return commonSteps;
    }

    /// How far an operand has moved after `index` steps through some of the axes, the first of them fastest.
    ///
    /// @param chosen the axes, at [from, to)
    int offset(int index, int[] chosen, int from, int to, int[] steps) {
        int rest = index;
        int offset = 0;
        for (int k = from; k < to; k++) {
            int axis = chosen[k];
            offset += rest % sizes[axis] * steps[axis];
            rest /= sizes[axis];
        }
        return offset;
    }
}
