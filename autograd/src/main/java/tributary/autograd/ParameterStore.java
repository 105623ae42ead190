package tributary.autograd;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tributary.tensor.Shape;
import tributary.tensor.Tensor;

/// All parameters of a model in one flat buffer, and all their gradients in a second one of the same layout. A named
/// parameter is a view. Deltas, averages, outer steps, clipping and checkpoints are arithmetic on the flat buffers.
public final class ParameterStore {

    /// Where one parameter stands in the flat buffers.
    ///
    /// @param offset its first element
    public record Entry(String name, Shape shape, int offset) {}

    /// Names and shapes in the order of the flat buffer.
    public static final class Layout {
        private final List<Entry> entries;
        private final int elements;

        private Layout(List<Entry> entries, int elements) {
            this.entries = entries;
            this.elements = elements;
        }

        public List<Entry> entries() {
            return entries;
        }

        /// How many numbers all parameters have together.
        public int elements() {
            return elements;
        }

        public static Builder builder() {
            return new Builder();
        }

        /// Lays parameters out one after the other, without gaps.
        public static final class Builder {
            private final List<Entry> entries = new ArrayList<>();
            private int elements;

            private Builder() {}

            public Builder add(String name, int... sizes) {
                Shape shape = Shape.of(sizes);
                entries.add(new Entry(name, shape, elements));
                elements = Math.addExact(elements, shape.elements());
                return this;
            }

            public Layout build() {
                return new Layout(List.copyOf(entries), elements);
            }
        }
    }

    private final Layout layout;
    private final Tensor values;
    private final @Nullable Tensor gradients;
    private final Map<String, Variable> parameters = new LinkedHashMap<>();

    private ParameterStore(Layout layout, Tensor values, @Nullable Tensor gradients) {
        if (values.elements() != layout.elements()) {
            throw new IllegalArgumentException("parameters: " + values.shape() + " does not hold the layout's " + layout.elements());
        }
        this.layout = layout;
        this.values = values;
        this.gradients = gradients;
        for (Entry entry : layout.entries()) {
            Tensor value = values.range(entry.offset(), entry.shape());
            Variable parameter = gradients == null ? Variable.constant(value)
                    : Variable.leaf(value, gradients.range(entry.offset(), entry.shape()));
            if (parameters.put(entry.name(), parameter) != null) {
                throw new IllegalArgumentException("parameters: two are named " + entry.name());
            }
        }
    }

    /// A store of zeros.
    ///
    /// @throws IllegalArgumentException where two parameters have one name
    public ParameterStore(Layout layout) {
        this(layout, Tensor.zeros(layout.elements()));
    }

    /// A store over existing values, flat, with gradients of its own.
    public ParameterStore(Layout layout, Tensor values) {
        this(layout, values, Tensor.zeros(layout.elements()));
    }

    /// A store over existing values and existing gradients, both flat.
    public static ParameterStore over(Layout layout, Tensor values, Tensor gradients) {
        if (gradients.elements() != layout.elements()) {
            throw new IllegalArgumentException("parameters: " + gradients.shape() + " does not hold the layout's " + layout.elements());
        }
        return new ParameterStore(layout, values, gradients);
    }

    /// A store of zeros for a model that is only evaluated: its parameters are constants.
    public static ParameterStore withoutGradients(Layout layout) {
        return new ParameterStore(layout, Tensor.zeros(layout.elements()), null);
    }

    public Layout layout() {
        return layout;
    }

    /// All values, flat: (elements).
    public Tensor values() {
        return values;
    }

    /// All gradients, flat: (elements).
    ///
    /// @throws IllegalStateException for a store without gradients
    public Tensor gradients() {
        if (gradients == null) {
            throw new IllegalStateException("parameters: this store has no gradients; it was made to be evaluated only");
        }
        return gradients;
    }

    /// A parameter by its name.
    ///
    /// @throws IllegalArgumentException where there is none
    public Variable parameter(String name) {
        Variable parameter = parameters.get(name);
        if (parameter == null) {
            throw new IllegalArgumentException("parameters: none is named " + name);
        }
        return parameter;
    }

    /// The names, in the order of the flat buffers.
    public Collection<String> names() {
        return Collections.unmodifiableSet(parameters.keySet());
    }
}
