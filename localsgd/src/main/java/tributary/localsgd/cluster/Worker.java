package tributary.localsgd.cluster;

/// A machine that carries one replica.
///
/// @param name such as `oslo/0`
/// @param line from the worker to where all meet: its own link, then its share of its site's
public record Worker(String name, Speed speed, Link line) {}
