/// Numbers: tensors, and the kernels that work on them. A loop over floats lives here and nowhere else.
module tributary.tensor {
    requires static transitive org.jspecify;
    requires jdk.incubator.vector;
    requires jdk.management;

    exports tributary.tensor;
}
