package tributary.model.data;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Several sources of text with weights, as people write them: `a.txt=0.7,jdk=0.3`.
record Mixture(List<Part> parts) {
    private static final Pattern PART = Pattern.compile("(.+)=([0-9.]+(?:[eE]-?[0-9]+)?)");

    record Part(String source, double weight) {}

    /// Reads a description; one that is a single source, weight or not, is that source as a whole.
    ///
    /// @throws DataException where some of several sources have weights and others not, or a weight is not positive
    static Mixture parse(String data) throws DataException {
        String[] pieces = data.split(",");
        if (pieces.length == 1 || !PART.matcher(pieces[0]).matches() || isThere(data)) {
            return new Mixture(List.of(new Part(data, 1)));
        }
        List<Part> parts = new ArrayList<>();
        for (String piece : pieces) {
            Matcher matcher = PART.matcher(piece.strip());
            if (!matcher.matches()) {
                throw new DataException("data: " + piece.strip() + " has no weight; write it like " + piece.strip() + "=0.5");
            }
            parts.add(new Part(matcher.group(1), weight(matcher.group(2), piece.strip())));
        }
        return new Mixture(parts);
    }

    /// One description of sources that were named one by one; what has no weight among several has the weight 1.
    ///
    /// @throws IllegalArgumentException where one of several has a comma in it, which stands between sources
    static String join(List<String> sources) {
        if (sources.size() == 1) {
            return sources.getFirst();
        }
        return sources.stream().map(source -> {
            if (source.contains(",")) {
                throw new IllegalArgumentException(
                        "data " + source + " has a comma in it, and beside other data that means several sources;"
                                + " give each its own --data, and rename a file with a comma");
            }
            return PART.matcher(source).matches() && !isThere(source) ? source : source + "=1";
        }).collect(Collectors.joining(","));
    }

    private static double weight(String number, String piece) throws DataException {
        try {
            double weight = Double.parseDouble(number);
            if (weight > 0 && Double.isFinite(weight)) {
                return weight;
            }
        } catch (NumberFormatException malformed) {
            // said below
        }
        throw new DataException("data: the weight of " + piece + " is not a positive number");
    }

    private static boolean isThere(String path) {
        try {
            return Files.exists(Path.of(path));
        } catch (InvalidPathException impossible) {
            return false;
        }
    }
}
