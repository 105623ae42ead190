package tributary.localsgd.study;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Tables of results whose losses are planted.
class StudyTablesTest {
    @TempDir
    Path folder;
    Study study;

    @BeforeEach
    void read() throws IOException {
        study = StudyFile.read(Files.writeString(folder.resolve("study.yaml"), """
                sizes: [13k, 57k, 156k, 336k]
                settings: {context: 64}
                grids:
                  - {name: baseline, algorithm: data-parallel, seeds: [1, 2]}
                  - {name: diloco, algorithm: diloco, replicas: [1, 2], local-steps: 30, outer-lr: 0.6, seeds: [1, 2]}
                  - {name: outer, algorithm: diloco, replicas: 2, local-steps: 30, outer-lr: [0.3, 1.2], sizes: 57k}
                  - {name: steps, algorithm: diloco, replicas: 2, local-steps: [1, 100], outer-lr: 0.6, sizes: 57k}
                """));
    }

    /// L = 20 N^-0.1 M^0.05, a little more for the second seed, least where the outer rate is 0.6 and H is 30.
    private static OptionalDouble loss(Trial trial) {
        double outer = Math.log(trial.config().outerLr() / 0.6) / Math.log(2);
        double steps = Math.log(trial.config().localSteps() / 30.0);
        boolean local = trial.grid().equals("baseline");
        return OptionalDouble.of(20 * Math.pow(trial.size().parameters(), -0.1) * Math.pow(trial.config().replicas(), local ? 0 : 0.05)
                * (1 + 0.002 * (trial.config().seed() - 1)) + (local ? 0 : 0.01 * (outer * outer + steps * steps)));
    }

    private static Result result(Trial trial, OptionalDouble loss, Map<String, String> settings) {
        long N = trial.size().parameters();
        return new Result(trial.hash(), trial.grid(), "ab".repeat(32), N, N + 100, trial.tokensPerParameter(), trial.tokens(),
                6.0 * N * trial.tokens(), 1024, 1, 1, loss, loss.isPresent() ? Optional.empty() : Optional.of("diverged"), 36, 0, settings,
                List.of());
    }

    private List<Result> results(Function<Trial, OptionalDouble> losses) {
        return new ArrayList<>(
                study.trials().stream().map(trial -> result(trial, losses.apply(trial), trial.config().settings())).toList());
    }

    private static String row(String tables, String heading, String start) {
        String part = tables.substring(tables.indexOf("## " + heading));
        return part.lines().filter(line -> line.startsWith("| " + start)).findFirst().orElseThrow();
    }

    @Test
    void sayWhatWasPlanted() {
        String tables = StudyTables.of(study, results(StudyTablesTest::loss), 100);
        assertThat(tables).startsWith("# Results of 28 of 28 trainings\n").contains("100.0 % of the compute", "in 0.28 core-hours",
                "`" + "ab".repeat(32) + "`");
        double first = 20 * Math.pow(12768, -0.1);
        assertThat(row(tables, "Loss against size", "data-parallel ")).contains(String.format(Locale.ROOT,
                "| %.4f (%.4f to %.4f) |", first * 1.001, first, first * 1.002));
        String gap = String.format(Locale.ROOT, "%+.2f", 100 * (Math.pow(2, 0.05) - 1));
        assertThat(row(tables, "Gap to", "diloco H=30 outer-lr 0.6 M=2 ")).contains("| " + gap + " (" + gap + " to " + gap + ") |");
        assertThat(row(tables, "Laws", "diloco H=30 outer-lr 0.6 |")).contains("L = A N^alpha M^beta", "alpha -0.1000 (", "beta 0.05000 (");
        assertThat(row(tables, "Penalty", "diloco H=30 outer-lr 0.6 M=2 ")).contains("| 0.71 (");
        assertThat(row(tables, "The largest size", "data-parallel ")).contains("| 335712 | 3 |").endsWith("| +0.00 |");
        assertThat(row(tables, "Sweeps: outer", "diloco H=30 M=2, 20 tokens a parameter | 56640")).contains("| **", "| 1 | 0.60 |");
        assertThat(row(tables, "Sweeps: local", "diloco M=2, outer rate 0.6, ")).endsWith("| 1 |");
        assertThat(tables).doesNotContain("Sweeps: tokens", "Sweeps: learning rate", "Diverged");
    }

    /// The gap falls with the rounds, at any size: a longer training of a small model stands among those of larger ones.
    @Test
    void gapsStandInTheOrderOfRounds() throws IOException {
        study = StudyFile.read(Files.writeString(folder.resolve("budgets.yaml"), """
                sizes: [13k, 57k]
                settings: {context: 64}
                grids:
                  - {name: baseline, algorithm: data-parallel, over-training: [1, 4], seeds: [1, 2]}
                  - {name: diloco, algorithm: diloco, replicas: [2, 4], local-steps: 30, outer-lr: 0.6, over-training: [1, 4]}
                  - {name: other, algorithm: diloco, replicas: 2, local-steps: 10, outer-lr: 0.6}
                """));
        String tables = StudyTables.of(study, results(trial -> {
            double rounds = Math.ceil(trial.config().steps() / 30.0);
            double gap = trial.grid().equals("baseline") ? 0 : trial.config().replicas() / rounds;
            return OptionalDouble.of(trial.config().seed() * (1 + gap));
        }), 0);
        List<String> rows = tables.substring(tables.indexOf("## Gap against rounds: diloco H=30\n")).lines()
                .skip(1).takeWhile(line -> !line.startsWith("##")).filter(line -> line.matches("\\| \\d.*")).toList();
        assertThat(rows).hasSize(4).extracting(line -> Integer.valueOf(line.split(" ")[1])).isSorted();
        assertThat(rows).extracting(line -> line.split("[|]")[3].strip()).containsExactly("20", "20", "80", "80");
        assertThat(rows).allSatisfy(line -> assertThat(line).endsWith(String.format(Locale.ROOT, "| %+.2f | %+.2f |",
                200 / Double.parseDouble(line.split(" ")[1]), 400 / Double.parseDouble(line.split(" ")[1]))));
        assertThat(tables).doesNotContain("Gap against rounds: diloco H=10");
    }

    /// Results of an older version do not have the settings of a newer one.
    @Test
    void resultsOfTwoVersionsAreOneFamily() {
        List<Result> results = results(StudyTablesTest::loss);
        String expected = StudyTables.of(study, results, 0);
        for (int i = 0; i < results.size(); i += 2) {
            Map<String, String> old = new TreeMap<>(results.get(i).settings());
            old.keySet().removeAll(List.of("shards", "weight-decay"));
            results.set(i, result(study.trials().get(i), results.get(i).loss(), old));
        }
        assertThat(StudyTables.of(study, results, 0)).isEqualTo(expected);
    }

    @Test
    void ofAStudyThatHasBegun() {
        assertThat(StudyTables.of(study, List.of(), 100)).startsWith("# Results of 0 of 28 trainings\n").contains("## Models")
                .doesNotContain("## Laws");
        List<Result> some = results(trial -> trial.config().seed() == 2 ? OptionalDouble.empty() : loss(trial)).subList(0, 9);
        assertThat(StudyTables.of(study, some, 100)).contains("Diverged, and in no table: 4.", "## Laws").doesNotContain("## Sweeps");
    }
}
