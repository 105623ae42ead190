package tributary.localsgd.plan;

/// Lines between workers that are all alike.
///
/// ```
/// all-reduce of n bits among R:   2 n (1 - 1/R) / W + e,   nothing for one
/// ```
///
/// Charles et al. 2025, arXiv:2503.09799, appendix; the first term is the least that any all-reduce moves over each line.
///
/// @param bandwidth W
/// @param latency e, once for each all-reduce
record Network(double bandwidth, double latency) {

    Network {
        if (!(bandwidth > 0)) {
            throw new IllegalArgumentException("up and down " + bandwidth + " cannot be; give bits a second, such as 4e11");
        }
        if (!(latency >= 0 && latency < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("latency " + latency + " cannot be; give seconds, such as 1e-4");
        }
    }

    double allReduce(double bits, double workers) {
        return workers <= 1 ? 0 : 2 * bits * (1 - 1 / workers) / bandwidth + latency;
    }
}
