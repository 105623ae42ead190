package tributary.localsgd.cluster;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/// A machine that carries one replica.
///
/// @param name such as `oslo/0`
/// @param link of its own, to the other workers of its site, or to where all meet
/// @param site with a link to the other sites, where there are several
/// @param memory bytes; no limit where empty
/// @param failures what goes wrong with it
public record Worker(String name, Speed speed, Link link, Optional<Site> site, OptionalDouble memory, List<Failure> failures) {

    /// @throws IllegalArgumentException where it joins twice without leaving, or leaves twice
    public Worker {
        failures = List.copyOf(failures);
        try {
            new Outages(failures, 0, 0);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("worker " + name + ": " + e.getMessage(), e);
        }
    }

    /// Of no site.
    public Worker(String name, Speed speed, Link link, List<Failure> failures) {
        this(name, speed, link, Optional.empty(), OptionalDouble.empty(), failures);
    }

    /// Of no site, with which nothing goes wrong.
    public Worker(String name, Speed speed, Link link) {
        this(name, speed, link, List.of());
    }

    /// Whether it goes and never comes back.
    public boolean leaves() {
        return new Outages(failures, 0, 0).leaves();
    }
}
