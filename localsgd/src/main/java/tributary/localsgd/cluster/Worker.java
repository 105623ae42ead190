package tributary.localsgd.cluster;

import java.util.List;

/// A machine that carries one replica.
///
/// @param name such as `oslo/0`
/// @param line from the worker to where all meet: its own link, then its share of its site's
/// @param failures what goes wrong with it
public record Worker(String name, Speed speed, Link line, List<Failure> failures) {

    /// @throws IllegalArgumentException where it joins twice without leaving, or leaves twice
    public Worker {
        failures = List.copyOf(failures);
        try {
            new Outages(failures, 0, 0);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("worker " + name + ": " + e.getMessage(), e);
        }
    }

    /// With which nothing goes wrong.
    public Worker(String name, Speed speed, Link line) {
        this(name, speed, line, List.of());
    }

    /// Whether it goes and never comes back.
    boolean leaves() {
        return new Outages(failures, 0, 0).leaves();
    }
}
