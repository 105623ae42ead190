package tributary.localsgd.plan;

import tributary.localsgd.cluster.Link;

/// A cluster: workers that are near each other.
///
/// @param workers how many
/// @param flops Q, that a worker really does in a second: its peak times the share of it that training reaches
/// @param price of a worker for an hour, in any currency
/// @param inside the line of each worker to the others of its cluster
/// @param outside the line of the whole cluster to the other clusters
record Site(String name, int workers, double flops, double price, Link inside, Link outside) {

    Site {
        Work.positive("workers", workers, "such as 8");
        Work.positive("flops", flops, "what a worker really does in a second, such as 1.5e14");
        if (!(price >= 0 && price < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("price " + price + " cannot be; give what a worker costs for an hour, 0 or more");
        }
    }

    /// Seconds in which the cluster computes so many FLOPs.
    double compute(double work) {
        return work / (workers * flops);
    }

    /// As the wall-clock formulas have it: the slower direction counts.
    Network insideNetwork() {
        return network(inside);
    }

    Network outsideNetwork() {
        return network(outside);
    }

    double pricePerHour() {
        return price * workers;
    }

    private static Network network(Link link) {
        return new Network(Math.min(link.up(), link.down()) * (1 - link.loss()), link.latency());
    }
}
