package tributary.localsgd.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tributary.localsgd.laws.Chinchilla;
import tributary.localsgd.laws.Point;
import tributary.localsgd.laws.PointsFile;
import tributary.localsgd.laws.Quantity;
import tributary.localsgd.run.RunException;
import tributary.localsgd.run.RunStopped;
import tributary.localsgd.run.StepMetrics;
import tributary.localsgd.run.StopSignal;

/// A study's results are those of its file, however often it is stopped and torn.
class StudyRunTest {
    private static final StudyListener SILENT = new StudyListener() {};

    @TempDir
    Path temp;

    private Path file;
    private Path data;

    @BeforeEach
    void writeStudy() throws IOException {
        StringBuilder text = new StringBuilder();
        Random random = new Random(5);
        for (int line = 0; line < 200; line++) {
            text.append("the river ").append(random.nextInt(9)).append(" takes the stream ").append(random.nextInt(9)).append(".\n");
        }
        data = Files.writeString(temp.resolve("rivers.txt"), text);
        file = Files.writeString(temp.resolve("study.yaml"), """
                data: %s
                tokenizer: char
                validation-tokens: 128
                sizes: [{layers: 1, width: 8, heads: 2}, {layers: 2, width: 8, heads: 2}, {layers: 2, width: 12, heads: 2}]
                tokens-per-parameter: 1
                batch-tokens: 32
                settings: {context: 8}
                grids:
                  - {name: baseline, algorithm: data-parallel, seeds: [1, 2]}
                  - {name: diloco, algorithm: diloco, replicas: [1, 2], local-steps: 4}
                """.formatted(data));
    }

    private Study study() {
        return StudyFile.read(file);
    }

    private StudyOptions options(String store, int cores) {
        return new StudyOptions(temp.resolve(store), Optional.empty(), cores, Study.Order.LONGEST, new StopSignal());
    }

    /// All that does not depend on the time it took.
    private static List<Object> outcome(List<Result> results) {
        List<Object> outcome = new ArrayList<>();
        for (Result result : results) {
            outcome.add(result.toJson().replaceFirst("\"seconds\":[^,]*,", ""));
        }
        return outcome;
    }

    @Test
    void stoppedAgainAndAgainItEndsWithTheSameResults() throws Exception {
        List<Result> untouched = StudyRun.run(study(), options("untouched", 2), SILENT);
        assertThat(untouched).hasSize(12).allMatch(result -> result.loss().isPresent() && result.curve().size() > 1);

        int sessions = 0;
        List<Result> results = List.of();
        while (results.isEmpty()) {
            StudyOptions options = options("stopped", 2);
            int steps = 40 + 7 * sessions++;
            try {
                results = StudyRun.run(study(), options, new StudyListener() {
                    private int left = steps;

                    @Override
                    public void step(Trial trial, StepMetrics metrics) {
                        if (--left == 0) {
                            options.stop().request();
                        }
                    }
                });
            } catch (RunStopped stopped) {
                assertThat(stopped).hasMessageContaining("The same command goes on");
            }
        }
        assertThat(sessions).isGreaterThan(5);
        assertThat(outcome(results)).isEqualTo(outcome(untouched));
        assertThat(temp.resolve("stopped/runs")).isDirectoryNotContaining(run -> Files.exists(run.resolve("checkpoints")));
    }

    @Test
    void coresWithNothingLeftToStartHelpTheTrainingsAtWork() throws Exception {
        String grids = Files.readString(file);
        Files.writeString(file, grids.substring(0, grids.indexOf("grids:"))
                .replace("{layers: 2, width: 8, heads: 2}, {layers: 2, width: 12, heads: 2}", "{layers: 2, width: 24, heads: 2}")
                + "grids: [{name: diloco, algorithm: diloco, replicas: 2, local-steps: 4}]");
        List<Result> alone = StudyRun.run(study(), options("alone", 1), SILENT);
        List<String> messages = new ArrayList<>();
        List<String> started = new ArrayList<>();
        List<Result> together = StudyRun.run(study(), options("together", 3), new StudyListener() {
            @Override
            public void message(String line) {
                messages.add(line);
            }

            @Override
            public void started(Trial trial, int firstStep) {
                started.add(trial.hash());
            }
        });
        assertThat(messages).contains(together.getLast().config() + ": goes on with 3 threads");
        assertThat(started).hasSize(2).doesNotHaveDuplicates();
        assertThat(outcome(together)).isEqualTo(outcome(alone));
    }

    @Test
    void finishedTrainingsAreNotDoneAgainAndHalfALineIsDropped() throws Exception {
        List<Result> first = StudyRun.run(study(), options("store", 2), SILENT);
        Path results = temp.resolve("store/results.jsonl");
        String whole = Files.readString(results);
        assertThat(whole).hasLineCount(12);
        Files.writeString(results, whole.substring(0, whole.length() - 40));
        List<String> started = new ArrayList<>();
        List<Result> again = StudyRun.run(study(), options("store", 1), new StudyListener() {
            @Override
            public void started(Trial trial, int firstStep) {
                started.add(trial.hash());
            }
        });
        assertThat(started).hasSize(1);
        assertThat(outcome(again)).isEqualTo(outcome(first));
        assertThat(Files.readString(results)).startsWith(whole.substring(0, whole.substring(0, whole.length() - 1).lastIndexOf('\n') + 1))
                .hasLineCount(12);
    }

    @Test
    void aTokenizerIsLearnedOnce() throws Exception {
        Files.writeString(file,
                Files.readString(file).replace("tokenizer: char", "tokenizer: {bpe: 280}").replace("seeds: [1, 2]", "seeds: 1"));
        List<Result> results = StudyRun.run(study(), options("store", 2), SILENT);
        assertThat(results).allMatch(result -> result.vocabulary() == 280);
        String learned = Files.readString(temp.resolve("store/bpe-280.json"));
        Files.writeString(temp.resolve("store/results.jsonl"), "");
        assertThat(outcome(StudyRun.run(study(), options("store", 2), SILENT))).isEqualTo(outcome(results));
        assertThat(temp.resolve("store/bpe-280.json")).hasContent(learned);
    }

    @Test
    void moreTrainingsAreAddedToAStudy() throws Exception {
        StudyRun.run(study(), options("store", 2), SILENT);
        String before = Files.readString(temp.resolve("store/results.jsonl"));
        Files.writeString(file, Files.readString(file).replace("seeds: [1, 2]", "seeds: [1, 2, 3]"));
        assertThat(StudyRun.run(study(), options("store", 2), SILENT)).hasSize(15);
        assertThat(Files.readString(temp.resolve("store/results.jsonl"))).startsWith(before).hasLineCount(15);
    }

    @Test
    void resultsOfAnotherTextAreNotMixedIn() throws Exception {
        StudyRun.run(study(), options("store", 2), SILENT);
        Files.writeString(data, Files.readString(data) + "The sea takes all.\n");
        Files.writeString(file, Files.readString(file).replace("seeds: [1, 2]", "seeds: [1, 2, 3]"));
        assertThatThrownBy(() -> StudyRun.run(study(), options("store", 2), SILENT)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("its results are of another text than " + data).message().hasLineCount(1);
    }

    @Test
    void theTextMayLieAnywhere() throws Exception {
        List<Result> here = StudyRun.run(study(), options("here", 2), SILENT);
        Path elsewhere = Files.move(data, temp.resolve("elsewhere.txt"));
        StudyOptions options = new StudyOptions(temp.resolve("there"), Optional.of(elsewhere.toString()), 2, Study.Order.FILE,
                new StopSignal());
        assertThat(outcome(StudyRun.run(study(), options, SILENT))).isEqualTo(outcome(here));
        assertThat(temp.resolve("there/results.jsonl")).content().doesNotContain("elsewhere");
        Files.writeString(temp.resolve("there/results.jsonl"), Files.readAllLines(temp.resolve("there/results.jsonl")).getFirst() + "\n");
        Files.writeString(elsewhere, "The sea takes all.\n".repeat(50));
        assertThatThrownBy(() -> StudyRun.run(study(), options, SILENT)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("its results are of another text than " + elsewhere);
    }

    @Test
    void aFolderInUseIsRefused() throws Exception {
        try (Store held = Store.open(temp.resolve("store"))) {
            assertThat(held.results()).isEmpty();
            assertThatThrownBy(() -> StudyRun.run(study(), options("store", 2), SILENT)).isInstanceOf(RunException.class)
                    .hasMessageContaining("in use by another process");
        }
    }

    @Test
    void computeIsCountedByItsFormula() throws Exception {
        for (Result result : StudyRun.run(study(), options("store", 2), SILENT)) {
            int C = Integer.parseInt(result.settings().get("width"));
            int L = Integer.parseInt(result.settings().get("layers"));
            int T = 8;
            assertThat(result.parameters()).isEqualTo(12L * L * C * C + 13L * L * C + 2L * C);
            assertThat(result.allParameters()).isEqualTo(result.parameters() + (long) (result.vocabulary() + T) * C);
            assertThat(result.flops())
                    .isEqualTo(6.0 * (result.parameters() + (long) result.vocabulary() * C + (long) L * T * C) * result.tokens());
            assertThat(result.communicatedBytes() > 0).isEqualTo(result.replicas() > 1);
        }
    }

    @Test
    void aTrainingThatDivergesIsAResult() throws Exception {
        Files.writeString(file, Files.readString(file).replace("settings: {context: 8}", "settings: {context: 8}\nlearning-rate: 1e30")
                .replace("seeds: [1, 2]", "seeds: 1"));
        List<Result> results = StudyRun.run(study(), options("store", 1), SILENT);
        assertThat(results).anyMatch(result -> result.failure().orElse("").startsWith("diverged: "));
        assertThat(StudyRun.run(study(), options("store", 1), SILENT)).isEqualTo(results);
        assertThat(Table.csv(results).lines().skip(1)).hasSize((int) results.stream().filter(result -> result.loss().isPresent()).count());
    }

    @Test
    void fitReadsTheTable() throws Exception {
        List<Result> results = StudyRun.run(study(), options("store", 2), SILENT);
        Path csv = Files.writeString(temp.resolve("results.csv"), Table.csv(results));
        List<Point> points = PointsFile.read(csv).points(new Chinchilla(), Map.of("algorithm", "diloco", "replicas", "2"));
        assertThat(points).hasSize(3);
        assertThat(points.getLast().at().get(Quantity.TOKENS)).isEqualTo(results.getLast().tokens());
        assertThat(points.getLast().value()).isEqualTo(results.getLast().loss().orElseThrow());
        assertThat(Files.readAllLines(csv).getFirst()).startsWith("parameters,tokens,algorithm,replicas,local_steps,loss,")
                .contains("all_parameters", "flops", "learning_rate", "outer_learning_rate", "batch_tokens", "seed", "communicated_bytes",
                        "config", "corpus", "width");
    }

    @Test
    void familiesHaveLawsOfTheirOwn() throws Exception {
        List<StudyLaws> laws = StudyLaws.of(StudyRun.run(study(), options("store", 2), SILENT), 20);
        assertThat(laws).extracting(law -> law.family() + " " + law.replicas().orElse(0))
                .containsExactly("data-parallel 1", "diloco H=4 1", "diloco H=4 2", "diloco H=4 0");
        assertThat(laws.getFirst().fit().points()).hasSize(6);
        assertThat(laws.getLast().fit().points()).hasSize(6);
    }
}
