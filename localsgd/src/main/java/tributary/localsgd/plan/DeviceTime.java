package tributary.localsgd.plan;

import tributary.localsgd.cluster.Link;

/// **Edge training**: n devices of one kind train a replica each on B / n tokens a step and meet at a server every H steps.   The
/// formulas of the parameter server in [tributary.localsgd.cluster.Exchange], and churn without memory.
///
/// ```
/// a step:     t = 6 N (B / n) / F
/// a meeting:  m = latency + 8 u / up + latency + 8 min((n - 1) u, 4 N) / down     u bytes: what an encoded Delta takes
/// survival:   s = exp(-(H t + m) / mean uptime)                                   the share of the work that arrives
/// training:   p(n, H) D / (s B H) rounds of (H t + m) seconds
/// memory:     24 N + 68 T C L bytes for one sequence of T tokens
/// ```
///
/// 24 bytes: parameter, two moments of the inner optimizer, outer parameter, outer momentum, gradient, in float32. Activations are
/// those of Korthikanti et al. 2022, arXiv:2205.05198, in float32, without the attention scores, with C = sqrt(N / 12 L).
///
/// @param devices n
/// @param localSteps H
/// @param extraTokens p
record DeviceTime(Work work, Device device, int devices, int localSteps, Payload payload, double extraTokens) {

    double step() {
        return work.flops(work.batchTokens() / devices) / device.flops();
    }

    double meeting() {
        Link line = device.line();
        return devices == 1 ? 0
                : 2 * line.latency() + (8 * (double) up() / line.up() + 8 * back() / line.down()) / (1 - line.loss());
    }

    private long up() {
        return payload.bytes(work.exchanged());
    }

    private double back() {
        return Math.min((devices - 1.0) * up(), Payload.dense(work.exchanged()));
    }

    double round() {
        return localSteps * step() + meeting();
    }

    /// The share of the time in which devices compute.
    double utilization() {
        return localSteps * step() / round();
    }

    double survival() {
        return Math.exp(-round() / device.meanUptime());
    }

    /// Of the whole training; infinity where it never gets there.
    double seconds() {
        return work.steps(extraTokens) / localSteps * round() / survival();
    }

    /// What the server takes in, on average.
    double serverBandwidth() {
        return devices == 1 ? 0 : 8.0 * up() * devices / round();
    }

    /// Of one device.
    double sequences() {
        return work.batchTokens() / devices / work.context();
    }

    static double memory(Work work) {
        double width = Math.sqrt(work.parameters() / (12 * work.layers()));
        return 24 * work.exchanged() + 68 * work.context() * width * work.layers();
    }
}
