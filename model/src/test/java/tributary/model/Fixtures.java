package tributary.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tributary.model.format.SafetensorsFile;
import tributary.tensor.Tensor;

/// The folder of golden values: the system property `fixtures`, else the project's own copy.
final class Fixtures {
    private static final String OWN_COPY = "model/src/test/resources/fixtures";

    private Fixtures() {}

    /// A file or folder of the fixtures, by its path inside.
    static Path path(String inside) {
        Path path = folder().resolve(inside);
        if (!Files.exists(path)) {
            throw new IllegalStateException("fixtures: there is no " + path + "; name a complete folder with -Dfixtures=DIR");
        }
        return path;
    }

    static JsonNode json(String inside) {
        return JsonMapper.shared().readTree(path(inside).toFile());
    }

    static SafetensorsFile tensors(String inside) {
        try {
            return SafetensorsFile.open(path(inside));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /// Of the known kinds the longest that `name` begins with, as a whole or before a `_`.
    static Optional<String> kind(String name, Iterable<String> known) {
        String found = null;
        for (String kind : known) {
            boolean begins = name.equals(kind) || name.startsWith(kind + "_");
            if (begins && (found == null || kind.length() > found.length())) {
                found = kind;
            }
        }
        return Optional.ofNullable(found);
    }

    /// Every element within `tolerance` times the largest expected one.
    static void assertClose(String what, Tensor actual, Tensor expected, double tolerance) {
        assertThat(actual.shape()).as("shape of %s", what).isEqualTo(expected.shape());
        double largest = 0;
        double worst = 0;
        int worstIndex = 0;
        for (int i = 0; i < expected.elements(); i++) {
            largest = Math.max(largest, Math.abs(expected.get(i)));
            double error = Math.abs((double) actual.get(i) - expected.get(i));
            if (!(error <= worst)) { // NaN is the worst
                worst = error;
                worstIndex = i;
            }
        }
        assertThat(worst)
                .as("%s: element %d is %s, expected %s; the error in units of the largest entry %s is %.2g",
                        what, worstIndex, actual.get(worstIndex), expected.get(worstIndex), largest, worst / largest)
                .isLessThanOrEqualTo(tolerance * largest);
    }

    private static Path folder() {
        Path here = Path.of("").toAbsolutePath();
        String property = System.getProperty("fixtures");
        String wanted = property == null ? OWN_COPY : property;
        for (Path base = here; base != null; base = base.getParent()) {
            Path folder = base.resolve(wanted);
            if (Files.isDirectory(folder)) {
                return folder;
            }
        }
        throw new IllegalStateException("fixtures: there is no folder " + wanted + " at or above " + here);
    }
}
