package tributary.localsgd.plan;

import tributary.localsgd.cluster.Link;

/// One of many small machines that train a replica each and meet at a server.
///
/// @param flops that it really does in a second
/// @param memory bytes that it can spare
/// @param price of a device for an hour, in any currency
/// @param meanUptime seconds until it leaves, infinity where it stays
/// @param line to the server
record Device(String name, double flops, double memory, double price, double meanUptime, Link line) {

    Device {
        Work.positive("flops", flops, "what a device really does in a second, such as 5e11");
        Work.positive("memory", memory, "bytes that a device can spare, such as 4e9");
        if (!(price >= 0 && price < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("price " + price + " cannot be; give what a device costs for an hour, 0 or more");
        }
        if (!(meanUptime > 0)) {
            throw new IllegalArgumentException("mean-uptime " + meanUptime + " cannot be; give seconds, such as 3600");
        }
    }
}
