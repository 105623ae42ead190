/// Calculus: variables, the tape that records operations, and one file per operation with its derivative.
module tributary.autograd {
    requires transitive tributary.tensor;

    exports tributary.autograd;
    exports tributary.autograd.op;
}
