package tributary.localsgd.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tributary.localsgd.run.AlgorithmName;
import tributary.localsgd.run.RunConfig;

class StudyFileTest {
    private static final String BASELINE = "{name: baseline, algorithm: data-parallel}";

    @TempDir
    Path folder;

    private Study study(String text) throws IOException {
        return StudyFile.read(Files.writeString(folder.resolve("study.yaml"), text));
    }

    @Test
    void aGridIsTheProductOfItsLists() throws IOException {
        Study study = study("""
                data: book.txt
                sizes: [13k, {layers: 3, width: 64, heads: 4}]
                over-training: [1, 4]
                seeds: [1, 2, 3]
                settings: {context: 32, weight-decay: 0.05}
                grids:
                  - {name: baseline, algorithm: data-parallel}
                  - {name: diloco, algorithm: diloco, replicas: [1, 2, 8], local-steps: [10, 30], outer-lr: 0.6, seeds: 5, over-training: 1}
                """);
        assertThat(study.trials()).hasSize(2 * 2 * 3 + 2 * 3 * 2);
        assertThat(study.trials()).extracting(Trial::hash).doesNotHaveDuplicates();
        assertThat(study.trials().getFirst().size()).isEqualTo(new ModelSize(1, 32, 2));
        RunConfig last = study.trials().getLast().config();
        assertThat(last.algorithm()).isEqualTo(AlgorithmName.DILOCO);
        assertThat(List.of(last.replicas(), last.localSteps(), last.layers(), last.width(), last.context())).containsExactly(8, 30, 3, 64,
                32);
        assertThat(last.outerLr()).isEqualTo(0.6);
        assertThat(last.weightDecay()).isEqualTo(0.05);
        assertThat(last.seed()).isEqualTo(5);
        assertThat(last.data()).isEqualTo("book.txt");
    }

    @Test
    void armsOfASizeAndBudgetDifferInWhatTheFileSaysOnly() throws IOException {
        Study study = study("""
                sizes: [13k, 57k]
                grids:
                  - {name: baseline, algorithm: data-parallel}
                  - {name: diloco, algorithm: diloco, replicas: [1, 2, 8], local-steps: 30}
                """);
        for (Trial trial : study.trials()) {
            Trial baseline = study.trials().stream().filter(other -> other.size().equals(trial.size())).findFirst().orElseThrow();
            assertThat(trial.tokens()).isEqualTo(baseline.tokens()).isCloseTo(20 * trial.size().parameters(), within(trial.batchTokens()));
            assertThat(trial.config().differences(baseline.config())).allMatch(
                    difference -> difference.matches("(algorithm|replicas|local-steps|outer-lr|outer-momentum) .*"));
        }
    }

    @Test
    void rulesGiveRatesAndBatches() throws IOException {
        Study study = study("""
                sizes: {layers: 1, width: 32, heads: 2}
                learning-rate: {factor: 4, parameters: -0.5, replicas: 0.25}
                batch-tokens: {factor: 8, parameters: 0.5}
                tokens-per-parameter: 10
                grids:
                  - {algorithm: diloco, replicas: [1, 4], local-steps: 10, learning-rate-times: [1, 2]}
                """);
        double N = 12 * 32 * 32 + 13 * 32 + 2 * 32;
        assertThat(study.trials()).allMatch(trial -> trial.size().parameters() == N);
        assertThat(study.trials().get(0).config().lr()).isCloseTo(4 / Math.sqrt(N), within(1e-5));
        assertThat(study.trials().get(3).config().lr()).isCloseTo(2 * Math.sqrt(2) * 4 / Math.sqrt(N), within(1e-4));
        assertThat(study.trials().get(3).rateTimes()).isEqualTo(2);
        RunConfig config = study.trials().getFirst().config();
        assertThat(config.batch()).isEqualTo((int) (4 * Math.round(8 * Math.sqrt(N) / 64 / 4))); // 4 replicas divide it
        assertThat(config.steps()).isEqualTo((int) Math.round(10 * N / (config.batch() * 64)));
        assertThat(config.warmup()).isEqualTo(config.steps() / 20);
        assertThat(config.minLr()).isCloseTo(config.lr() / 10, within(1e-9));
    }

    @Test
    void aHashIsOfWhatIsComputedAndNotOfNamesAndOrder() throws IOException {
        String text = "sizes: 13k\ngrids: [{name: a, algorithm: diloco, replicas: 2, local-steps: 30, outer-lr: 0.6}]";
        Trial trial = study(text).trials().getFirst();
        assertThat(study(text.replace("name: a, algorithm: diloco", "algorithm: diloco, name: b")).trials().getFirst().hash())
                .isEqualTo(trial.hash());
        // At its standard value a setting might as well not be there.
        assertThat(study(text.replace("outer-lr: 0.6", "outer-lr: 0.6, outer-momentum: 0.9")).trials().getFirst().hash())
                .isEqualTo(trial.hash());
        for (String changed : List.of("outer-lr: 0.5", "outer-lr: 0.6, outer-momentum: 0.8", "outer-lr: 0.6, seeds: 2")) {
            assertThat(study(text.replace("outer-lr: 0.6", changed)).trials().getFirst().hash()).isNotEqualTo(trial.hash());
        }
    }

    @Test
    void theStudyThatComesWithTheProgramIsWhole() {
        Study quick = StudyFile.bundled("quick");
        assertThat(quick.trials().stream().map(trial -> trial.size().parameters()).distinct().count()).isGreaterThanOrEqualTo(5);
        assertThat(quick.trials().stream().map(trial -> trial.config().algorithm()).distinct())
                .containsExactly(AlgorithmName.DATA_PARALLEL, AlgorithmName.DILOCO);
    }

    @Test
    void orders() {
        Study quick = StudyFile.bundled("quick");
        assertThat(quick.inOrder(Study.Order.SHORTEST)).isSortedAccordingTo((a, b) -> Double.compare(a.leastFlops(), b.leastFlops()));
        assertThat(quick.inOrder(Study.Order.LONGEST)).isSortedAccordingTo((a, b) -> Double.compare(b.leastFlops(), a.leastFlops()));
        assertThat(quick.inOrder(Study.Order.FILE)).isEqualTo(quick.trials());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            size: 13k; grids: [B]                                    | unknown key size; the nearest known one is sizes
            sizes: 13k; grids: [{algorithm: diloco, replica: 2}]     | grids[0]: unknown key replica; the nearest known one is replicas
            sizes: 13k; grids: [{algorithm: diloco, lr: 0.1}]        | grids[0]: unknown key lr
            sizes: 13k; grids: []                                    | grids must be a list of at least one entry
            sizes: []; grids: [B]                                    | sizes is an empty list; give a value or leave the key out
            sizes: 13k; grids: [{algorithm: diloco, replicas: []}]   | replicas is an empty list
            grids: [B]                                               | sizes are missing
            sizes: 13k; grids: [{name: x}]                           | algorithm is missing
            sizes: 13k; grids: [{algorithm: dilocco}]                | algorithm 'dilocco' is not known
            sizes: 13k; seeds: [1, 1]; grids: [B]                    | 12.8k data-parallel D=256k seed 1 stands twice, in grid baseline; leave it out
            sizes: 13k; grids: [B, {name: again, algorithm: data-parallel}] | stands twice, in grid baseline and in grid again
            sizes: 13k; grids: [B, B]                                | name baseline is another grid's too
            sizes: 13k; grids: [{algorithm: data-parallel, local-steps: 3}] | grids[0]: local-steps 3 has no use in data-parallel
            sizes: 13k; grids: [{algorithm: diloco, replicas: [0]}]  | replicas 0 is not a number from 1 to 1000000
            sizes: 13k; grids: [{algorithm: diloco, replicas: [1009, 1013]}] | choose numbers that divide each other
            sizes: 100; grids: [B]                                   | the nearest shape by the rule has 3312 parameters (layers 1, width 16)
            sizes: big; grids: [B]                                   | size 'big' is not a number, such as 13000, 13k or 1.5M
            sizes: {layers: 1, width: 30, heads: 4}; grids: [B]      | sizes[0]: width 30 is not divisible by heads 4
            sizes: {layers: 1, width: 32}; grids: [B]                | sizes[0]: heads is missing
            sizes: 13k; tokens-per-parameter: -1; grids: [B]         | tokens-per-parameter -1.0 is not positive
            sizes: 13k; learning-rate: {factor: 0}; grids: [B]       | learning-rate: factor 0.0 is not a positive number
            sizes: 13k; learning-rate: {parameters: 1}; grids: [B]   | learning-rate: factor is missing
            sizes: 13k; settings: {steps: 3}; grids: [B]             | settings: unknown key steps
            sizes: 13k; grids: [{algorithm: diloco, replica-batch: 2}] | grids[0]: unknown key replica-batch
            sizes: 13k; tokenizer: klingon; grids: [B]               | tokenizer klingon
            sizes: 13k; grids: [B, {algorithm: diloco, replicas: 1, batch-times: 64}] | though both are to have the same budget
            sizes: 13k; tokenizer: {bpe: 256}; grids: [B]            | tokenizer: bpe 256 has no room for a merge
            sizes: 13k; tokenizer: {bbpe: 300}; grids: [B]           | tokenizer: unknown key bbpe; the nearest known one is bpe
            sizes: 13k; sizes: 57k; grids: [B]                       | is not YAML
            13k                                                      | is not a table of lines name: value
            """)
    void refusesWithOneLine(String text, String message) {
        String yaml = text.replace("; ", "\n").replace("B", BASELINE);
        assertThatThrownBy(() -> study(yaml)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(folder.resolve("study.yaml").toString()).message().contains(message).hasLineCount(1);
    }

    @Test
    void aMissingFile() {
        assertThatThrownBy(() -> StudyFile.read(folder.resolve("none.yaml"))).isInstanceOf(IllegalArgumentException.class)
                .hasMessageEndingWith("none.yaml: there is no such study file");
    }

    @Test
    void theRuleOfShapes() {
        Map<Double, ModelSize> wanted = Map.of(
                3300.0, new ModelSize(1, 16, 1), 12_800.0, new ModelSize(1, 32, 2), 57e3, new ModelSize(2, 48, 3),
                336e3, new ModelSize(3, 96, 6), 1.5e6, new ModelSize(5, 160, 10), 85e6, new ModelSize(19, 608, 38));
        wanted.forEach((size, shape) -> assertThat(ModelSize.of(size)).isEqualTo(shape));
        for (double size = 3300; size < 1e9; size *= 1.7) {
            ModelSize shape = ModelSize.of(size);
            assertThat(shape.parameters() / size).isBetween(0.75, 1.25);
            assertThat(shape.parameters())
                    .isEqualTo(12L * shape.layers() * shape.width() * shape.width() + 13L * shape.layers() * shape.width()
                            + 2L * shape.width());
        }
    }
}
