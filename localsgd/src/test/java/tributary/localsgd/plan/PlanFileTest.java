package tributary.localsgd.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tributary.localsgd.laws.Quantity;

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
    @ParameterizedTest
    @CsvSource({"plan.yaml, clusters, 6", "edge.yaml, devices, 3", "studies/jdk-clusters.yaml, clusters, 6",
        "studies/jdk-edge.yaml, devices, 3"})
    void everyRowHasEveryColumnAndEveryChartItsColumns(String file, String kind, int sheets) {
        JsonNode plan = JsonMapper.shared().readTree(PlanFile.read(Path.of("../docs").resolve(file)).toJson());
        assertThat(plan.get("plan").stringValue()).isEqualTo(kind);
        assertThat(plan.get("sheets").size()).isEqualTo(sheets);
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
    }

    /// Its formulas, by hand: F, line and mean uptime such that a step takes 6e6 B / n / F.
    @Test
    void devicesAreAsFastAsTheReferenceWhereTheFormulaSaysSo() throws IOException {
        JsonNode plan = plan("""
                model: {parameters: 1e6, layers: 3, context: 100}
                training: {tokens: 1e9, batch-tokens: 1e4, local-steps: [50]}
                loss: {extra-tokens: 1.25}
                reference: {name: one, flops: 1e11, price: 3}
                devices:
                  - {name: small, flops: 1e10, memory: 3e7, up: 1e8, down: 1e8, latency: 0.1, mean-uptime: 1000, price: 0.5}
                """);
        JsonNode row = sheet(plan, "devices").get("rows").get(0);
        double n = row.get("devices").asDouble();
        double step = 6e6 * 1e4 / n / 1e10;
        double meeting = 2 * 0.1 + 2 * 3.2e7 / 1e8;
        double round = 50 * step + meeting;
        assertThat(row.get("step").asDouble()).isCloseTo(step, within(1e-9));
        assertThat(row.get("meeting").asDouble()).isCloseTo(meeting, within(1e-9));
        assertThat(row.get("utilization").asDouble()).isCloseTo(50 * step / round, within(1e-9));
        assertThat(row.get("survival").asDouble()).isCloseTo(Math.exp(-round / 1000), within(1e-9));
        assertThat(row.get("server").asDouble()).isCloseTo(n * 3.2e7 / round, within(1e-3));
        assertThat(row.get("sequences").asDouble()).isCloseTo(100 / n, within(1e-9));
        double hours = 1.25 * 1e9 / 1e4 / 50 * round / Math.exp(-round / 1000) / 3600;
        assertThat(row.get("hours").asDouble()).isCloseTo(hours, within(1e-6)).isLessThanOrEqualTo(6e6 * 1e9 / 1e11 / 3600);
        assertThat(row.get("cost").asDouble()).isCloseTo(hours * n * 0.5, within(1e-6));
        double fewer = 50 * 6e6 * 1e4 / (n - 1) / 1e10 + meeting;
        assertThat(1.25 * 1e9 / 1e4 / 50 * fewer / Math.exp(-fewer / 1000)).isGreaterThan(6e6 * 1e9 / 1e11);
        JsonNode limits = sheet(plan, "limits").get("rows").get(0);
        assertThat(limits.get("most_devices").asDouble()).isEqualTo(100);
        double width = Math.sqrt(1e6 / 36);
        assertThat(limits.get("memory_needed").asDouble()).isCloseTo(24e6 + 68 * 100 * width * 3, within(1e-3));
        assertThat(limits.get("shards").asDouble()).isEqualTo(1);
        assertThat(sheet(plan, "scale").has("chart")).isTrue();
    }

    @Test
    void aModelThatDoesNotFitIsSaidToNeedSharding() throws IOException {
        JsonNode plan = plan("""
                model: {parameters: 1e9, layers: 20}
                training: {tokens: 1e10, batch-tokens: 1e6}
                reference: {flops: 1e14}
                devices: [{name: small, flops: 1e12, memory: 1e9, up: 1e8, down: 1e8}]
                """);
        assertThat(plan.get("findings").get(1).stringValue()).startsWith("small: a replica takes 26.8 GB and a device has 1 GB");
        assertThat(sheet(plan, "limits").get("rows").get(0).get("shards").asDouble()).isEqualTo(27);
    }

    private void law(String name, String text) throws IOException {
        Files.writeString(folder.resolve(name), text);
    }

    private JsonNode clusters(String loss) throws IOException {
        return plan("""
                model: {parameters: 1e6, layers: 4}
                training: {%sbatch-tokens: 4e4, local-steps: [16]}
                clusters:
                  - {name: a, workers: 1, flops: 1e10, outside: {up: 1e9, down: 1e9}}
                  - {name: b, workers: 1, flops: 1e10, outside: {up: 1e9, down: 1e9}}
                loss: %s
                """.formatted(loss.contains("target") ? "" : "tokens: 1e8, ", loss));
    }

    private double extra(String loss) throws IOException {
        JsonNode plan = clusters(loss);
        for (JsonNode way : sheet(plan, "ways").get("rows")) {
            if (way.get("way").stringValue().equals("two-stage")) {
                return way.get("extra_tokens").isNull() ? Double.POSITIVE_INFINITY : way.get("extra_tokens").asDouble();
            }
        }
        throw new AssertionError("there is no two-stage way");
    }

    /// Laws under which a ratio of losses r costs r^(1/beta) tokens: with no floor and a size that does not count.
    @Test
    void fittedLawsSayWhatReplicasCost() throws IOException {
        law("tokens.json", "{'law': 'chinchilla', 'coefficients': {'E': 0, 'A': 1e-9, 'B': 100, 'alpha': 1, 'beta': 0.1}}"
                .replace('\'', '"'));
        law("joint.json", ("{'law': 'joint', 'supported': true, 'coefficients': {'A': 20, 'alpha': -0.1, 'beta': 0.01},"
                + "'residuals': [{'replicas': 4}]}").replace('\'', '"'));
        law("floor.json", "{'law': 'additive-floor', 'coefficients': {'A': 10, 'alpha': -0.5, 'B': 2, 'beta': 0.2, 'C': 1}}"
                .replace('\'', '"'));
        assertThat(extra("{law: joint.json, tokens-law: tokens.json}")).isCloseTo(Math.pow(2, 0.01 / 0.1), within(1e-6));
        double ratio = (10 * 1e-3 + 2 * Math.pow(2, 0.2) + 1) / (10 * 1e-3 + 2 + 1);
        assertThat(extra("{law: floor.json, tokens-law: tokens.json}")).isCloseTo(Math.pow(ratio, 10), within(1e-5));
        law("product.json", "{'law': 'joint-tokens', 'coefficients': {'A': 90, 'alpha': -0.2, 'beta': -0.1}}".replace('\'', '"'));
        assertThat(extra("{law: joint.json, tokens-law: product.json}")).isCloseTo(Math.pow(2, 0.01 / 0.1), within(1e-6));
        law("kaplan.json", "{'law': 'kaplan-d', 'coefficients': {'D_c': 1e13, 'alpha_D': 0.1}}".replace('\'', '"'));
        assertThat(extra("{law: joint.json, tokens-law: kaplan.json}")).isCloseTo(Math.pow(2, 0.01 / 0.1), within(1e-6));
        assertThat(extra("{extra-tokens: 1.5}")).isEqualTo(1.5);
    }

    /// The penalty of two replicas shrinks with N, as no product of powers has it: at 1e6 parameters it is 1.02 / 1.01.
    @Test
    void aLawForEachNumberOfReplicas() throws IOException {
        law("tokens.json", "{'law': 'kaplan-d', 'coefficients': {'D_c': 1e13, 'alpha_D': 0.1}}".replace('\'', '"'));
        String power = "{'law': 'power', 'coefficients': {'A': %s, 'alpha': %s}, 'residuals': [{'parameters': 1e4}, {'parameters': %s}]}"
                .replace('\'', '"');
        law("one.json", power.formatted(10.1, -0.1, 1e6));
        law("two.json", power.formatted(10.2 * Math.pow(1e6, 0.05), -0.15, 4e5));
        law("reference.json", power.formatted(10, -0.1, 1e6));
        assertThat(extra("{law: {2: two.json}, reference: reference.json, tokens-law: tokens.json}")).isCloseTo(Math.pow(1.02, 10),
                within(1e-6));
        assertThat(extra("{law: {4: two.json}, reference: reference.json, tokens-law: tokens.json}"))
                .as("half way, in powers, from the one replica of data parallelism").isCloseTo(Math.pow(1.02, 5), within(1e-6));
        assertThat(extra("{law: {1: one.json, 4: two.json}, reference: reference.json, tokens-law: tokens.json}"))
                .as("half way from one replica of local SGD").isCloseTo(Math.pow(1.01 * 1.02, 5), within(1e-6));
        LossRatio.OfEach beyond = new LossRatio.OfEach(new TreeMap<>(Map.of(1, read("one.json"), 2, read("two.json"))),
                read("reference.json"));
        assertThat(beyond.of(1e6, 8, 30)).isCloseTo(1.01 * Math.pow(1.02 / 1.01, 3), within(1e-9));
        assertThat(beyond.of(1e6, 1, 30)).isCloseTo(1.01, within(1e-9));
        assertThat(beyond.of(1e6, 1, 1)).isEqualTo(1);
        assertThat(texts("{law: {1: one.json, 2: two.json}, reference: reference.json, tokens-law: tokens.json}", "assumptions")).contains(
                "the law of replicas is used outside its points: parameters 1e6 is 2.5 times the most, 400000");
        law("joint.json", "{'law': 'joint', 'coefficients': {'A': 11, 'alpha': -0.1, 'beta': 0.01}}".replace('\'', '"'));
        assertThat(extra("{law: joint.json, reference: reference.json, tokens-law: tokens.json}"))
                .isCloseTo(Math.pow(1.1 * Math.pow(2, 0.01), 10), within(1e-6));
    }

    /// M = 2, H = 16 among the ways.
    @Test
    void whatMeetingRarelyCosts() throws IOException {
        law("tokens.json", "{'law': 'kaplan-d', 'coefficients': {'D_c': 1e13, 'alpha_D': 0.1}}".replace('\'', '"'));
        law("joint.json", "{'law': 'joint', 'coefficients': {'A': 20, 'alpha': -0.1, 'beta': 0.01}}".replace('\'', '"'));
        law("steps.json", "{'law': 'joint-local-steps', 'coefficients': {'A': 20, 'alpha': -0.1, 'beta': 0.01, 'gamma': 0.01}}"
                .replace('\'', '"'));
        String loss = "{law: joint.json, tokens-law: tokens.json, local-steps: %s}";
        double replicas = Math.pow(2, 0.1);
        assertThat(extra(loss.formatted("{16: 1.02}"))).isCloseTo(replicas * Math.pow(1.02, 10), within(1e-6));
        assertThat(extra(loss.formatted("{64: 1.02}"))).as("one H says nothing of others").isCloseTo(replicas * Math.pow(1.02, 10),
                within(1e-6));
        assertThat(extra(loss.formatted("{4: 1, 64: 1.02}"))).as("half way").isCloseTo(replicas * Math.pow(1.02, 5), within(1e-6));
        assertThat(extra(loss.formatted("{2: 1.3, 4: 1, 8: 1.01}"))).as("beyond the last").isCloseTo(replicas * Math.pow(1.01, 20),
                within(1e-6));
        assertThat(extra(loss.formatted("{32: 1.01, 64: 1}"))).as("before the first").isCloseTo(replicas * Math.pow(1.01, 20),
                within(1e-6));
        LossRatio ratio = new LossRatio.ByLocalSteps(new LossRatio.Published(), new TreeMap<>(Map.of(10, 1.1, 100, 1.3)));
        assertThat(ratio.of(1e6, 1, 100)).as("one replica meets nobody").isEqualTo(1);
        assertThat(ratio.reach().ranges()).containsEntry(Quantity.LOCAL_STEPS, new Reach.Range(10, 100))
                .containsEntry(Quantity.REPLICAS, new Reach.Range(1, 8));
        assertThat(texts(loss.formatted("{10: 1, 100: 1.3}"), "assumptions"))
                .anyMatch(line -> line.contains("; by H 10: 1.0, 100: 1.3 times as high; tokens that make up"));
        assertThat(texts("{law: joint.json}", "assumptions")).anyMatch(line -> line.contains("the same at any H"));
        assertThatThrownBy(() -> extra(loss.formatted("{}"))).hasMessageContaining("local-steps: there is no H");
        assertThatThrownBy(() -> extra(loss.formatted("{often: 1}")))
                .hasMessageContaining("local-steps: often is no number of local steps");
        assertThatThrownBy(() -> extra(loss.formatted("{30: 50}"))).hasMessageContaining("local-steps 30: 50.0 cannot be");
        assertThatThrownBy(() -> extra("{law: steps.json, local-steps: {30: 1}}")).hasMessageContaining("the law knows of H too");
        assertThatThrownBy(() -> extra("{extra-tokens: 1.5, local-steps: {30: 1}}"))
                .hasMessageContaining("give one of extra-tokens and local-steps");
    }

    private FittedLaw read(String law) {
        return FittedLaw.read(folder, law);
    }

    @Test
    void refusesLawsThatDoNotGoTogether() throws IOException {
        law("power.json", "{\"law\": \"power\", \"coefficients\": {\"A\": 20, \"alpha\": -0.1}}");
        law("joint.json", "{'law': 'joint', 'coefficients': {'A': 20, 'alpha': -0.1, 'beta': 0.01}}".replace('\'', '"'));
        assertThatThrownBy(() -> extra("{law: {2: power.json}}")).hasMessageContaining("stand beside; add reference");
        assertThatThrownBy(() -> extra("{reference: power.json}")).hasMessageContaining("give law too");
        assertThatThrownBy(() -> extra("{law: {two: power.json}, reference: power.json}"))
                .hasMessageContaining("two is no number of replicas");
        assertThatThrownBy(() -> extra("{law: {}, reference: power.json}")).hasMessageContaining("no law of more than one replica");
        assertThatThrownBy(() -> extra("{law: {1: power.json}, reference: power.json}"))
                .hasMessageContaining("no law of more than one replica");
        assertThatThrownBy(() -> extra("{law: {2: joint.json}, reference: power.json}"))
                .hasMessageContaining("joint is not one of the loss against size alone");
        assertThatThrownBy(() -> extra("{law: joint.json, reference: joint.json}"))
                .hasMessageContaining("joint is not one of the loss against size alone");
    }

    /// N 1e6, D 1e8, M 2, H 16.
    @Test
    void howFarLawsAreFromTheirPointsIsSaid() throws IOException {
        law("tokens.json", ("{'law': 'joint-tokens', 'coefficients': {'A': 90, 'alpha': -0.2, 'beta': -0.1},"
                + "'residuals': [{'parameters': 1e4, 'tokens': 1e7}, {'parameters': 5e5, 'tokens': 4e8}]}").replace('\'', '"'));
        law("near.json", ("{'law': 'joint', 'coefficients': {'A': 20, 'alpha': -0.1, 'beta': 0.01},"
                + "'residuals': [{'parameters': 1e5, 'replicas': 1}, {'parameters': 2e6, 'replicas': 4}]}").replace('\'', '"'));
        law("far.json", Files.readString(folder.resolve("near.json")).replace("2e6", "1.25e4").replace("1e5", "1e4"));
        String loss = "{law: %s, tokens-law: tokens.json}";
        assertThat(texts(loss.formatted("near.json"), "assumptions")).contains("the law of replicas is used among its points",
                "the law of tokens is used outside its points: parameters 1e6 is 2 times the most, 500000");
        assertThat(texts(loss.formatted("near.json"), "findings")).noneMatch(finding -> finding.startsWith("Careful"));
        assertThat(texts(loss.formatted("far.json"), "findings")).contains(
                "Careful: the law of replicas is used outside its points: parameters 1e6 is 80 times the most, 12500.");
        assertThat(texts("{target: 8}", "findings"))
                .anyMatch(finding -> finding.contains("parameters 1e6 is 35 times less than the least"));
        law("bare.json", "{'law': 'joint', 'coefficients': {'A': 20, 'alpha': -0.1, 'beta': 0.01}}".replace('\'', '"'));
        assertThat(texts(loss.formatted("bare.json"), "findings"))
                .contains("Careful: the law of replicas comes without its points: how far from them it is used is not known.");
        assertThat(texts("{extra-tokens: 1.5}", "assumptions")).noneMatch(assumption -> assumption.contains("points"));
    }

    private List<String> texts(String loss, String key) throws IOException {
        List<String> texts = new ArrayList<>();
        clusters(loss).get(key).forEach(text -> texts.add(text.stringValue()));
        return texts;
    }

    @Test
    void aTargetOfLossSaysHowManyTokens() throws IOException {
        law("tokens.json", "{'law': 'chinchilla', 'coefficients': {'E': 1, 'A': 1000, 'B': 1000, 'alpha': 0.5, 'beta': 0.5}}"
                .replace('\'', '"'));
        String text = """
                model: {parameters: 1e6, layers: 4}
                training: {batch-tokens: 1e4}
                clusters: [{name: a, workers: 1, flops: 6e12}]
                loss: {target: %s, tokens-law: tokens.json, extra-tokens: 1}
                """;
        // L(1e6, D) = 1 + 1 + 1000 / sqrt(D) = 2.1: D = 1e8, 6e14 FLOP
        assertThat(sheet(plan(text.formatted(2.1)), "ways").get("rows").get(0).get("hours").asDouble())
                .isCloseTo(100 / 3600.0, within(1e-9));
        assertThatThrownBy(() -> plan(text.formatted(1.9))).hasMessageContaining(
                "loss: target 1.9 is not reached by 1.000e+06 parameters").hasMessageContaining("below 2.000");
    }

    @Test
    void refusesFilesThatAreNoLaws() throws IOException {
        law("power.json", "{\"law\": \"power\", \"coefficients\": {\"A\": 20, \"alpha\": -0.1}}");
        law("unfit.json", "{\"law\": \"joint\", \"supported\": false}");
        law("half.json", "{\"law\": \"joint\", \"coefficients\": {\"A\": 20}}");
        law("words.json", "just words");
        assertThatThrownBy(() -> extra("{law: power.json}")).hasMessageContaining("power does not say how the loss changes with replicas");
        assertThatThrownBy(() -> extra("{tokens-law: power.json}"))
                .hasMessageContaining("power does not say how the loss falls with tokens");
        assertThatThrownBy(() -> extra("{law: unfit.json}")).hasMessageContaining("its points do not support the law joint");
        assertThatThrownBy(() -> extra("{law: half.json}")).hasMessageContaining("half.json: is not what fit --json prints")
                .hasMessageContaining("alpha");
        assertThatThrownBy(() -> extra("{law: words.json}")).hasMessageContaining("words.json: not valid JSON");
        assertThatThrownBy(() -> extra("{law: none.json}")).hasMessageContaining("none.json: there is no such file");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            modell: {}                                             | plan.yaml: unknown key modell; the nearest known one is model
            training: {tokens: 1e8}; C                             | plan.yaml: model is missing
            model: {parameters: 1e6, layers: 4}; C                 | plan.yaml: training is missing
            M; training: {token: 1}; C                             | training: unknown key token; the nearest known one is tokens
            M; training: {batch-tokens: 1e4}; C                    | training: tokens is missing; give what the training takes
            M; training: {tokens: -1, batch-tokens: 1e4}; C        | training: tokens -1.0 cannot be; give a positive number
            M; training: {tokens: 1e3, batch-tokens: 1e4}; C       | batch-tokens 10000.0 are more than the 1000.0 tokens
            model: {parameters: 0, layers: 4}; T; C                | model: parameters 0.0 cannot be
            model: {parameters: 1e6, layers: 2.5}; T; C            | model: layers 2.5 is not a whole number
            model: {parameters: 1e6, exchanged-parameters: 5, layers: 2}; T; C | exchanged-parameters 5.0 are not at least the 1000000.0
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
            M; T                                                   | plan.yaml: give either clusters or devices
            M; T; C; devices: []                                   | plan.yaml: give either clusters or devices
            M; T; devices: []; reference: {flops: 1}               | plan.yaml: devices must be a list of at least one entry
            M; T; devices: []; reference: {flops: 1}; exchange: ring | plan.yaml: unknown key exchange; the nearest known one is
            M; T; devices: [{flops: 1}]                            | plan.yaml: reference is missing
            M; T; reference: {flops: 1}; devices: [{flops: 1}]     | devices[0]: memory is missing; how many bytes can it spare?
            M; T; reference: {flops: 1}; devices: [{flops: 1, memory: 1}]                 | devices[0]: up is missing
            M; T; reference: {flops: 1}; devices: [{flops: 1, memory: 1, up: 1, down: 1, mean-uptime: 0}] | devices[0]: mean-uptime 0.0 cannot be
            M; training: {tokens: 1e8, batch-tokens: 100}; reference: {flops: 1}; devices: [{flops: 1, memory: 1, up: 1, down: 1}] | batch-tokens 100.0 are less than one sequence of 1024 tokens
            M; T; C; loss: {target: 3}                             | training: tokens and the target of loss are two ends
            M; T; C; loss: {law: a.json, extra-tokens: 2}          | loss: extra-tokens and law both say
            M; T; C; loss: {extra-token: 2}                              | loss: unknown key extra-token; the nearest known one is extra-tokens
            M; training: {tokens: 1e8, batch-tokens: 1e4, local-steps: [2.5]}; C | training: local-steps 2.5 is not a whole number
            M; training: {tokens: 1e8, batch-tokens: 1e4, local-steps: [0]}; C   | training: local-steps 0 is not between 1 and
            M; training: {tokens: 1e8, batch-tokens: 1e4, local-steps: []}; C    | training: local-steps is an empty list
            M; training: {tokens: 1e8, batch-tokens: 1e4, codecs: []}; C         | training: codecs is an empty list
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
