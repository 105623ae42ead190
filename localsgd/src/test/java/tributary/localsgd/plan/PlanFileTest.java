package tributary.localsgd.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class PlanFileTest {
    @TempDir
    Path folder;

    private JsonNode plan(String text) throws IOException {
        return JsonMapper.shared().readTree(PlanFile.read(Files.writeString(folder.resolve("plan.yaml"), text)).toJson());
    }

    private static JsonNode sheet(JsonNode plan, String name) {
        for (JsonNode sheet : plan.get("sheets")) {
            if (sheet.get("name").stringValue().equals(name)) {
                return sheet;
            }
        }
        throw new AssertionError("there is no sheet " + name);
    }

    /// K equal clusters of one worker: H > m / (t (K / p - 1)).
    @Test
    void severalEqualClustersWinWhereTheFormulaSaysSo() throws IOException {
        JsonNode plan = plan("""
                model: {parameters: 1e6, layers: 4}
                training: {tokens: 1e8, batch-tokens: 4e4, local-steps: [10, 200]}
                loss: {extra-tokens: 1.5}
                exchange: server
                clusters:
                  - {name: a, workers: 1, flops: 1e10, price: 2, outside: {up: 1e6, down: 1e6}}
                  - {name: b, workers: 1, flops: 1e10, price: 2, outside: {up: 1e6, down: 1e6}}
                  - {name: c, workers: 1, flops: 1e10, price: 2, outside: {up: 1e6, down: 1e6}}
                  - {name: d, workers: 1, flops: 1e10, price: 2, outside: {up: 1e6, down: 1e6}}
                """);
        double m = 2 * 32e6 / 1e6;
        double t = 6 * 1e6 * 1e4 / 1e10;
        double threshold = m / (t * (4 / 1.5 - 1));
        JsonNode row = sheet(plan, "thresholds").get("rows").get(0);
        assertThat(row.get("merge").asDouble()).isCloseTo(m, within(1e-9));
        assertThat(row.get("first_local_steps").asDouble()).isEqualTo(Math.floor(threshold) + 1);
        assertThat(row.get("last_local_steps").isNull()).isTrue();
        for (JsonNode way : sheet(plan, "ways").get("rows")) {
            if (way.get("way").stringValue().equals("two-stage")) {
                double H = way.get("local_steps").asDouble();
                double hours = (t + m / H) * 1.5 * 1e8 / 4e4 / 3600;
                assertThat(way.get("hours").asDouble()).isCloseTo(hours, within(1e-9));
                assertThat(way.get("cost").asDouble()).isCloseTo(8 * hours, within(1e-9));
                assertThat(way.get("utilization").asDouble()).isCloseTo(t / (t + m / H), within(1e-12));
            }
        }
        for (JsonNode line : sheet(plan, "lines").get("rows")) { // with just these lines, H is just the threshold
            double share = line.get("share").asDouble();
            assertThat(m / share / (t * (4 / 1.5 - 1))).isCloseTo(line.get("local_steps").asDouble(), within(1e-9));
            assertThat(line.get("least").asDouble()).isCloseTo(share * 1e6, within(1e-6));
            assertThat(line.get("wins").stringValue()).isEqualTo(share < 1 ? "yes" : "no");
        }
    }

    @Test
    void moreTokensThanClustersAreNeverWorthIt() throws IOException {
        JsonNode plan = plan("""
                model: {parameters: 1e6, layers: 4}
                training: {tokens: 1e8, batch-tokens: 4e4}
                loss: {extra-tokens: 2.5}
                clusters:
                  - {name: a, workers: 1, flops: 1e10, outside: {up: 1e12, down: 1e12}}
                  - {name: b, workers: 1, flops: 1e10, outside: {up: 1e12, down: 1e12}}
                """);
        assertThat(sheet(plan, "thresholds").get("rows").get(0).get("first_local_steps").isNull()).isTrue();
        assertThat(sheet(plan, "lines").get("rows").get(0).get("wins").stringValue()).isEqualTo("over no line");
        assertThat(plan.get("findings").get(1).stringValue()).contains("data-parallel"); // over such lines it is as good as one cluster
    }

    /// What docs/plan.md says of the JSON.
    @Test
    void everyRowHasEveryColumnAndEveryChartItsColumns() throws IOException {
        JsonNode plan = JsonMapper.shared().readTree(PlanFile.read(Path.of("../docs/plan.yaml")).toJson());
        assertThat(plan.get("plan").stringValue()).isEqualTo("clusters");
        assertThat(plan.get("sheets").size()).isEqualTo(5);
        for (JsonNode sheet : plan.get("sheets")) {
            assertThat(sheet.get("rows").size()).isPositive();
            for (JsonNode column : sheet.get("columns")) {
                for (JsonNode row : sheet.get("rows")) {
                    assertThat(row.has(column.get("name").stringValue())).isTrue();
                }
            }
            assertThat(sheet.get("rows").get(0).size()).isEqualTo(sheet.get("columns").size());
            if (sheet.has("chart")) {
                assertThat(sheet.get("rows").get(0).has(sheet.get("chart").get("x").stringValue())).isTrue();
                sheet.get("chart").get("y").forEach(y -> assertThat(sheet.get("rows").get(0).has(y.stringValue())).isTrue());
            }
        }
        assertThat(sheet(plan, "utilization").has("chart")).isTrue();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            modell: {}                                             | plan.yaml: unknown key modell; the nearest known one is model
            training: {tokens: 1e8}                                | plan.yaml: model is missing
            model: {parameters: 1e6, layers: 4}                    | plan.yaml: training is missing
            M; training: {token: 1}                                | training: unknown key token; the nearest known one is tokens
            M; training: {batch-tokens: 1e4}; C                    | training: tokens is missing; give what the training takes
            M; training: {tokens: -1, batch-tokens: 1e4}; C        | training: tokens -1.0 cannot be; give a positive number
            M; training: {tokens: 1e3, batch-tokens: 1e4}; C       | batch-tokens 10000.0 are more than the 1000.0 tokens
            model: {parameters: 0, layers: 4}; T; C                | model: parameters 0.0 cannot be
            model: {parameters: 1e6, layers: 2.5}; T; C            | model: layers 2.5 is not a whole number
            model: {parameters: 1e6, exchanged-parameters: 5, layers: 2}; T; C | exchanged-parameters 5.0 are not at least the 1000000.0
            M; T                                                   | plan.yaml: clusters must be a list of at least one entry
            M; T; clusters: []                                     | plan.yaml: clusters must be a list of at least one entry
            M; T; clusters: [{workers: 2, flops: 1e9}]             | clusters[0]: inside is missing; what line joins a worker
            M; T; clusters: [{workers: 1, flops: 1e9}, {workers: 1, flops: 1e9}] | clusters[0]: outside is missing; what line joins the cluster
            M; T; clusters: [{workers: 1, flops: -1e9}]            | clusters[0]: flops -1.0E9 cannot be
            M; T; clusters: [{workers: 1, flops: 1e9, price: -1}]  | clusters[0]: price -1.0 cannot be
            M; T; clusters: [{workers: 0, flops: 1e9}]             | clusters[0]: workers 0.0 cannot be
            M; T; clusters: [{workers: 2, flops: 1e9, inside: {up: 1}}]          | clusters[0]: inside: down is missing
            M; T; clusters: [{workers: 2, flops: 1e9, inside: {up: 0, down: 1}}] | clusters[0]: inside: up 0.0 cannot be
            M; T; clusters: [{workers: 2, flops: 1e9, inside: {up: 1, down: 1, latncy: 1}}] | unknown key latncy; the nearest known one is latency
            M; T; clusters: [{name: a, workers: 1, flops: 1, outside: {up: 1, down: 1}}, {name: a, workers: 1, flops: 1, outside: {up: 1, down: 1}}] | clusters: two have the same name
            M; T; C; exchange: tree                                | exchange 'tree' is not known; use server or ring
            M; T; C; loss: {extra-tokens: 0.5}                     | loss: extra-tokens 0.5 cannot be
            M; T; C; loss: {extra: 2}                              | loss: unknown key extra; the nearest known one is extra-tokens
            M; training: {tokens: 1e8, batch-tokens: 1e4, local-steps: [2.5]}; C | training: local-steps 2.5 is not a whole number
            M; training: {tokens: 1e8, batch-tokens: 1e4, local-steps: [0]}; C   | training: local-steps 0 is not between 1 and
            M; training: {tokens: 1e8, batch-tokens: 1e4, fragments: 5}; C       | training: fragments 5 is not between 1 and layers 4
            M; training: {tokens: 1e8, batch-tokens: 1e4, overlap: 50}; C        | training: overlap 50 is not between 0 and local-steps 30
            M; training: {tokens: 1e8, batch-tokens: 1e4, codecs: [zip]}; C      | training: codec 'zip' is not known
            M; training: {tokens: 1e8, batch-tokens: 1e4, gradient-bits: 0}; C   | training: gradient-bits 0.0 cannot be
            """)
    void refusesWhatCannotBeAndNamesThePlace(String text, String message) {
        String whole = text.replace("M;", "model: {parameters: 1e6, layers: 4};")
                .replace("T;", "training: {tokens: 1e8, batch-tokens: 1e4};")
                .replaceAll("C$", "clusters: [{workers: 1, flops: 1e9}]").replaceAll("C;", "clusters: [{workers: 1, flops: 1e9}];")
                .replaceAll("T$", "training: {tokens: 1e8, batch-tokens: 1e4}").replaceAll(";[ ]?", "\n");
        assertThatThrownBy(() -> plan(whole)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(folder.resolve("plan.yaml").toString()).hasMessageContaining(message);
    }
}
