package tributary.localsgd.plan;

import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import tributary.localsgd.laws.Coefficient;
import tributary.localsgd.laws.Fit;
import tributary.localsgd.laws.Law;
import tributary.localsgd.laws.Quantity;
import tributary.model.format.FormatException;
import tributary.model.json.JsonFile;

/// A law with its numbers.
///
/// @param source where they are from, for people and for errors
/// @param coefficients by the letters of the law
/// @param reach of the points it was fitted to, as far as that is known
record FittedLaw(String source, Law law, Map<String, Double> coefficients, Reach reach) {

    static FittedLaw of(Fit fit, String source) {
        Map<Quantity, Reach.Range> ranges = new EnumMap<>(Quantity.class);
        fit.points().forEach(point -> fit.law().quantities()
                .forEach(quantity -> widen(ranges, quantity, quantity.in(point.at()).orElseThrow())));
        return new FittedLaw(source, fit.law(), fit.coefficients(), new Reach(ranges));
    }

    /// As `fit --json` prints it.
    ///
    /// @param folder from which the name leads to the file
    /// @throws IllegalArgumentException where it is missing or no such file, or its points did not support the law
    static FittedLaw read(Path folder, String file) {
        Path path = folder.resolve(file);
        try {
            ObjectNode object = JsonFile.read(path);
            String name = object.required("law").stringValue();
            if (object.has("supported") && !object.get("supported").booleanValue()) {
                throw new IllegalArgumentException(
                        path + ": its points do not support the law " + name + "; fit another one or more points");
            }
            Law law = Law.all().stream().filter(one -> one.name().equals(name)).findFirst()
                    .orElseThrow(() -> new IllegalArgumentException(path + ": law '" + name + "' is not known"));
            Map<String, Double> coefficients = new LinkedHashMap<>();
            law.letters().forEach(letter -> coefficients.put(letter, object.required("coefficients").required(letter).doubleValue()));
            Map<Quantity, Reach.Range> ranges = new EnumMap<>(Quantity.class);
            for (JsonNode point : object.path("residuals")) {
                law.quantities().stream().filter(quantity -> point.has(quantity.column()))
                        .forEach(quantity -> widen(ranges, quantity, point.get(quantity.column()).doubleValue()));
            }
            return new FittedLaw(file, law, coefficients, new Reach(ranges));
        } catch (FormatException wrong) {
            throw new IllegalArgumentException(wrong.getMessage(), wrong);
        } catch (IOException | JacksonException wrong) {
            throw new IllegalArgumentException(path + ": is not what fit --json prints: " + wrong.getMessage(), wrong);
        }
    }

    private static void widen(Map<Quantity, Reach.Range> ranges, Quantity quantity, double value) {
        ranges.merge(quantity, new Reach.Range(value, value),
                (a, b) -> new Reach.Range(Math.min(a.least(), b.least()), Math.max(a.most(), b.most())));
    }

    /// What the law says there.
    double at(Map<Quantity, Double> place) {
        double[] x = law.quantities().stream().mapToDouble(place::get).toArray();
        double value = 0;
        for (double[] term : law.terms(x)) {
            double log = 0;
            for (int j = 0; j < term.length; j++) {
                Coefficient unknown = law.unknowns().get(j);
                double coefficient = coefficients.get(unknown.letter());
                boolean scales = unknown.kind() == Coefficient.Kind.FACTOR || unknown.kind() == Coefficient.Kind.FLOOR;
                log += term[j] == 0 ? 0 : term[j] * (scales ? Math.log(coefficient) : coefficient);
            }
            value += Math.exp(log);
        }
        return value;
    }

    /// `replicas up to 8, local steps up to 30`: how far the points go, as far as that is known.
    String range() {
        return reach.ranges().entrySet().stream()
                .map(entry -> entry.getKey().column().replace('_', ' ') + " up to " + Quantity.text(entry.getValue().most()))
                .collect(Collectors.joining(", "));
    }
}
