package tributary.bench;

/// One way to compute: a width of the Vector API, plain loops, a native library.
interface Contender extends AutoCloseable {

    /// For people: the library, its kernels and its threads.
    String description();

    /// Makes a workload ready, with the operands that [Workload] gives.
    ///
    /// @throws UnsupportedOperationException where this contender has no such kernel
    Work prepare(Workload workload);

    @Override
    void close();

    /// What a contender without the kernel throws.
    static UnsupportedOperationException lacks(String contender, Workload workload) {
        return new UnsupportedOperationException(contender + " cannot compute " + workload);
    }
}
