package tributary.localsgd.plan;

import java.util.Collections;
import java.util.List;
import tributary.localsgd.cluster.Exchange;

/// **Two-stage multi-cluster training**: each of K clusters is data parallel inside and takes B / K tokens a step; every H steps
/// one worker of each cluster exchanges with the other clusters and passes the result on.   After He, Zhuang and Wu 2024,
/// arXiv:2409.13198, whose own formula is not published.
///
/// ```
/// cluster k:   c_k = 6 N (B / K) / (R_k Q_k),   a_k = 2 N b / W0_k (1 - 1/R_k) + e0_k
/// a step:      t = max over k of (c_k + a_k)
/// a merge:     m = exchange between K lines + max over k of (N b / W0_k + e0_k)
/// T steps:     T (t + m / H)
/// ```
///
/// @param exchange how clusters come to a mean
record TwoStageTime(Work work, List<Site> sites, double gradientBits, Exchange exchange) {

    /// A step without merging. What a faster cluster waits for a slower one is an average over the workers, as is computing.
    StepTime step() {
        double flops = work.flops(work.batchTokens() / sites.size());
        double slowest = 0;
        double workers = 0;
        double compute = 0;
        double inside = 0;
        for (Site site : sites) {
            double c = site.compute(flops);
            double a = site.insideNetwork().allReduce(gradientBits, site.workers());
            slowest = Math.max(slowest, c + a);
            workers += site.workers();
            compute += site.workers() * c;
            inside += site.workers() * a;
        }
        return new StepTime(compute / workers, slowest - (compute + inside) / workers, inside / workers, 0);
    }

    /// m, or what a fragment of the model takes.
    ///
    /// @param payload what numbers are sent as
    /// @param share of the model, 1 for all of it
    double merge(Payload payload, double share) {
        if (sites.size() == 1) {
            return 0;
        }
        double numbers = work.exchanged() * share;
        double passedOn = sites.stream()
                .mapToDouble(site -> site.workers() == 1 ? 0
                        : 32 * numbers / site.insideNetwork().bandwidth() + site.insideNetwork().latency())
                .max().orElseThrow();
        return exchange.seconds(Collections.nCopies(sites.size(), payload.bytes(numbers)), Payload.dense(numbers),
                sites.stream().map(Site::outside).toList()) + passedOn;
    }
}
