package tributary.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

class FitCommandTest {

    @TempDir
    Path folder;

    private Path file = Path.of("");

    /// L = 20 N^-0.1 M^0.01, data parallel a little below, each by hand within 0.1 %.
    @BeforeEach
    void writePoints() throws IOException {
        StringBuilder text = new StringBuilder("parameters,tokens,algorithm,replicas,local_steps,loss\n");
        double[] wobble = {1.001, 0.9995, 1.0002, 0.9991, 1.0006};
        for (int i = 0; i < 5; i++) {
            double n = 1e7 * Math.pow(3, i);
            for (int m = 1; m <= 4; m *= 2) {
                double loss = 20 * Math.pow(n, -0.1) * Math.pow(m, 0.01) * wobble[(i + m) % 5];
                text.append(n).append(',').append(20 * n).append(",diloco,").append(m).append(",30,").append(loss).append('\n');
            }
            text.append(n).append(',').append(20 * n).append(",data-parallel,1,1,").append(19.9 * Math.pow(n, -0.1) * wobble[i])
                    .append('\n');
        }
        file = Files.writeString(folder.resolve("points.csv"), text);
    }

    @Test
    void fitsTheChosenLines() {
        JsonNode found = Shell.run("fit", file, "--law", "joint", "--where", "algorithm=diloco", "--at", "parameters=4e9,replicas=2",
                "--bootstrap", 200, "--json").json();
        assertThat(found.get("law").stringValue()).isEqualTo("joint");
        assertThat(found.get("coefficients").get("A").asDouble()).isCloseTo(20, withinPercentage(1));
        assertThat(found.get("coefficients").get("alpha").asDouble()).isCloseTo(-0.1, withinPercentage(1));
        assertThat(found.get("coefficients").get("beta").asDouble()).isCloseTo(0.01, withinPercentage(10));
        assertThat(found.get("intervals").get("alpha").get(0).asDouble()).isLessThan(-0.1);
        assertThat(found.get("intervals").get("alpha").get(1).asDouble()).isGreaterThan(-0.1);
        assertThat(found.get("points").asInt()).isEqualTo(15);
        assertThat(found.get("residuals").size()).isEqualTo(15);
        assertThat(found.get("residual").asDouble()).isBetween(1e-4, 1e-3);
        assertThat(found.get("held_out").get("points").asInt()).isEqualTo(3);
        assertThat(found.get("effective_size_exponents").get("replicas").asDouble()).isCloseTo(-0.1, offset(0.01));
        assertThat(found.get("predicted").get("loss").asDouble())
                .isCloseTo(20 * Math.pow(4e9, -0.1) * Math.pow(2, 0.01), withinPercentage(0.2));
        assertThat(found.get("mixed").isEmpty()).isTrue();
    }

    @Test
    void printsATableAndSaysWhatIsMixed() {
        Shell shell = Shell.run("fit", file, "--law", "power", "--bootstrap", 100);
        assertThat(shell.exitCode()).isZero();
        assertThat(shell.out()).contains("L = A N^alpha", "(95 %)", "held out",
                "algorithm diloco, data-parallel: one law through all; --where algorithm=diloco chooses");
    }

    @Test
    void ofColumnsThatOnlySomeLinesFillTheEmptyOnesAreNoValue() throws IOException {
        Path rates = Files.writeString(folder.resolve("rates.csv"), """
                parameters,algorithm,outer_learning_rate,loss
                1e6,data-parallel,,4
                1e7,diloco,0.6,3
                1e8,diloco,0.6,2.2
                """);
        assertThat(Shell.run("fit", rates, "--law", "power", "--json").json().get("mixed").propertyNames())
                .containsExactly("algorithm");
    }

    @Test
    void pointsThatCannotSupportALawGetNoDigits() {
        Shell shell = Shell.run("fit", file, "--law", "chinchilla", "--where", "algorithm=data-parallel", "--bootstrap", 100, "--json");
        assertThat(shell.exitCode()).isEqualTo(1);
        assertThat(shell.err()).startsWith("tributary: " + file + ": these 5 points cannot support the law chinchilla: ").hasLineCount(1);
        assertThat(shell.json().get("supported").asBoolean()).isFalse();
        assertThat(shell.json().has("coefficients")).isFalse();
    }

    @Test
    void thePenaltyAgainstDataParallelism() {
        Object[] request = {"fit", file, "--law", "joint", "--where", "algorithm=diloco", "--against", "algorithm=data-parallel",
            "--bootstrap", 100};
        JsonNode found = Shell.run(Stream.concat(Stream.of(request), Stream.of("--json")).toArray()).json().get("penalties");
        assertThat(found.size()).isEqualTo(6);
        JsonNode last = found.get(5);
        assertThat(last.get("parameters").asDouble()).isEqualTo(8.1e8);
        assertThat(last.get("replicas").asDouble()).isEqualTo(4);
        double gap = 20 * Math.pow(4, 0.01) / 19.9 - 1;
        assertThat(last.get("gap").asDouble()).isCloseTo(gap, offset(0.002));
        assertThat(last.get("gap_interval").get(0).asDouble()).isLessThan(last.get("gap").asDouble());
        assertThat(last.get("effective_size").asDouble()).isCloseTo(Math.pow(1 + gap, -10), offset(0.02));
        assertThat(last.get("effective_compute").asDouble()).isCloseTo(Math.pow(1 + gap, -20), offset(0.04));
        assertThat(Shell.run(request).out()).contains("effective compute", "8.1e8");
    }

    @Test
    void tablesAlign() {
        Shell shell = Shell.run("fit", file, "--law", "power", "--where", "algorithm=data-parallel", "--residuals", "--bootstrap", 0);
        String[] lines = shell.out().split("\\R");
        int heading = Arrays.asList(lines).indexOf("") + 1;
        assertThat(lines[heading]).startsWith("parameters").endsWith("error");
        assertThat(lines).hasSize(heading + 6);
        for (int i = heading + 1; i < lines.length; i++) {
            assertThat(lines[i]).hasSameSizeAs(lines[heading]).endsWith(" %");
        }
    }

    /// L = 1.69 + 406.4 / N^0.34 + 410.7 / D^0.28, of which the best size for C is 1.345 (C / 6)^0.452.
    @Test
    void theBestSizeAndDataForACompute() throws IOException {
        StringBuilder text = new StringBuilder("parameters,tokens,seed,loss\n");
        for (double flops = 1e18; flops < 2e20; flops *= 10) {
            for (double around = 0.25; around < 5; around *= 2) {
                for (int seed = 1; seed <= 2; seed++) {
                    double n = around * 1.345 * Math.pow(flops / 6, 0.4516);
                    double d = flops / 6 / n;
                    double loss = (1.69 + 406.4 * Math.pow(n, -0.34) + 410.7 * Math.pow(d, -0.28)) * (seed == 1 ? 1.001 : 1 / 1.001);
                    text.append(n).append(',').append(d).append(',').append(seed).append(',').append(loss).append('\n');
                }
            }
        }
        Path profiles = Files.writeString(folder.resolve("profiles.csv"), text);
        JsonNode found = Shell.run("fit", profiles, "--law", "chinchilla-isoflop", "--at", "flops=1e22", "--bootstrap", 0, "--json").json();
        assertThat(found.get("law").stringValue()).isEqualTo("chinchilla-isoflop");
        assertThat(found.get("formula").stringValue()).isEqualTo("N = G (C / 6)^a; D = K (C / 6)^b");
        assertThat(found.get("coefficients").get("a").asDouble()).isCloseTo(0.4516, offset(0.002));
        assertThat(found.get("coefficients").get("b").asDouble()).isCloseTo(0.5484, offset(0.002));
        assertThat(found.get("points").asInt()).isEqualTo(3);
        assertThat(found.get("predicted").get("parameters").asDouble())
                .isCloseTo(1.345 * Math.pow(1e22 / 6, 0.4516), withinPercentage(15));
        assertThat(found.get("predicted").get("beyond").get("flops").asDouble()).isCloseTo(100, withinPercentage(1));
        assertThat(Shell.run("fit", profiles, "--law", "chinchilla-isoflop", "--at", "flops=1e22").out())
                .contains("N = G (C / 6)^a", "D = K (C / 6)^b", "predicted", "at 100 times the largest flops")
                .doesNotContain("seeds");
    }

    @Test
    void aLawOfThreePointsAndSeedsThatCountOrAreMeans() throws IOException {
        Path seeds = Files.writeString(folder.resolve("seeds.jsonl"), """
                {"parameters": 1e6, "seed": 1, "loss": 4.1}
                {"parameters": 1e6, "seed": 2, "loss": 4.12}
                {"parameters": 1e7, "seed": 1, "loss": 3.4}
                {"parameters": 1e7, "seed": 2, "loss": 3.41}
                {"parameters": 1e7, "seed": 3, "loss": null, "failure": "diverged"}
                """);
        Shell points = Shell.run("fit", seeds, "--law", "power", "--bootstrap", 100);
        assertThat(points.out()).containsPattern("points +4\\R")
                .contains("left out   1 line without a loss", "seeds      1, 2, 3: each line is a point; --mean-seeds takes their means");
        Shell means = Shell.run("fit", seeds, "--law", "power", "--mean-seeds");
        assertThat(means.exitCode()).isZero();
        assertThat(means.out()).containsPattern("points +2, as many as coefficients: their errors are not known")
                .doesNotContain("95 %", "seeds");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            --law exponential                     | law 'exponential' is not known; use power, joint,
            --law power --where seed=1            | there is no column seed; there are parameters,
            --law power --where replicas=16       | no line where replicas=16
            --law power --where parameters=1e7 --where algorithm=diloco | power needs points of different parameters; all 3 have 1e7
            --law joint --where replicas=1 --where parameters=1e7 | joint has 3 coefficients (A, alpha, beta) and there are 2 points
            --law power --bootstrap -1            | bootstrap -1 is negative; use 0 or more
            --law power --at size=4               | at size means nothing to power; use parameters
            --law power --at parameters=-4        | at parameters=-4.0 is not a positive number
            --law joint --where algorithm=diloco --at parameters=4e9 | joint predicts from parameters, replicas; replicas is missing
            --law power --at tokens=1e9           | at tokens means nothing to power; use parameters
            --law kaplan-d --against algorithm=data-parallel | kaplan-d is not a law of the loss in parameters: it has no reference
            --law learning-rate                   | there is no column learning_rate; there are parameters, tokens,
            --law chinchilla-envelope             | best-parameters has 2 coefficients (G, a) and there are 0 points
            --law power --where replicas          | --where
            """)
    void refusesWithOneLineAndExitCodeTwo(String options, String message) {
        Shell refused = Shell.run((Object[]) ("fit " + file + " " + options).split(" "));
        assertThat(refused.exitCode()).isEqualTo(2);
        assertThat(refused.err()).startsWith("tributary: ").contains(message).hasLineCount(1);
        assertThat(refused.out()).isEmpty();
    }

    @Test
    void aMissingFile() {
        Shell refused = Shell.run("fit", folder.resolve("no.csv"), "--law", "power");
        assertThat(refused.exitCode()).isEqualTo(2);
        assertThat(refused.err()).contains("no.csv: there is no such file").hasLineCount(1);
    }
}
