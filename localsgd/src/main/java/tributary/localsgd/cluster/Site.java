package tributary.localsgd.cluster;

/// A place with several workers.
///
/// @param link to the other sites, shared evenly by those of its workers that use it at the same time
public record Site(String name, Link link) {}
