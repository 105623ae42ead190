package tributary.localsgd.plan;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import tributary.localsgd.laws.Law;
import tributary.localsgd.laws.Quantity;
import tributary.model.format.FormatException;
import tributary.model.json.JsonFile;

/// A fitted law, as `fit --json` prints it.
///
/// @param coefficients by the letters of the law
/// @param mostReplicas of the points it was fitted to, 1 where they say nothing of replicas
record LawFile(Path path, Law law, Map<String, Double> coefficients, int mostReplicas) {

    /// @throws IllegalArgumentException where it is missing or no such file, or its points did not support the law
    static LawFile read(Path path) {
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
            int most = 1;
            for (JsonNode point : object.path("residuals")) {
                most = Math.max(most, point.path(Quantity.REPLICAS.column()).asInt(1));
            }
            return new LawFile(path, law, coefficients, most);
        } catch (FormatException wrong) {
            throw new IllegalArgumentException(wrong.getMessage(), wrong);
        } catch (IOException | JacksonException wrong) {
            throw new IllegalArgumentException(path + ": is not what fit --json prints: " + wrong.getMessage(), wrong);
        }
    }
}
