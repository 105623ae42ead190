package tributary.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tributary.model.tokenizer.Tokenizer;

/// Trains a very small model through the command line and uses it.
class TrainingCommandsTest {
    private static final List<String> SMALL = List.of("--layers", "1", "--heads", "2", "--width", "16", "--context", "16", "--batch", "4");

    @TempDir
    static Path folder;
    static Path text;
    static Path run;
    static Shell trained;

    @BeforeAll
    static void train() throws IOException {
        text = Shell.text(folder);
        run = folder.resolve("run");
        trained = train("--data", text, "--out", run, "--steps", 60, "--eval-every", 20, "--json");
    }

    private static Shell train(Object... arguments) {
        return Shell.run(Stream.of(Stream.of("train"), SMALL.stream(), Stream.of(arguments)).flatMap(part -> part).toArray());
    }

    @Test
    void endsWithOneJsonObject() {
        assertThat(trained.exitCode()).isZero();
        assertThat(trained.out().lines()).hasSize(1);
        JsonNode summary = trained.json();
        assertThat(summary.propertyNames()).containsExactly("steps", "tokens", "train_loss", "val_loss", "tokens_per_second",
                "communicated_bytes", "elapsed_seconds", "parameters", "out");
        assertThat(summary.get("steps").asInt()).isEqualTo(60);
        assertThat(summary.get("tokens").asInt()).isEqualTo(60 * 4 * 16);
        assertThat(summary.get("val_loss").asDouble()).isBetween(0.5, 3.0);
        assertThat(summary.get("communicated_bytes").asLong()).isPositive();
        assertThat(summary.get("out").asString()).isEqualTo(run.toString());
    }

    @Test
    void tellsPeopleOnTheStandardErrorWhatItDoes() {
        assertThat(trained.err()).contains("Training ", "step 20/60", "val ", "validation loss", "A sample at temperature 0.8:",
                "The model is in " + run);
    }

    @Test
    void quietTrainingPrintsTheResultOnly() {
        Path out = folder.resolve("quiet");
        Shell quiet = train("--data", text, "--out", out, "--steps", 4, "--quiet", "--algorithm", "data-parallel");
        assertThat(quiet.err()).isEmpty();
        assertThat(quiet.out()).contains("validation loss", "between 1 replica", "More text: tributary generate --model " + out);
    }

    @Test
    void keepsMetricsAsItGoes() throws IOException {
        List<JsonNode> lines = Files.readAllLines(run.resolve("metrics.jsonl")).stream().map(JsonMapper.shared()::readTree).toList();
        assertThat(lines).hasSizeGreaterThanOrEqualTo(6);
        assertThat(lines.getLast().get("step").asInt()).isEqualTo(60);
        assertThat(lines.getLast().propertyNames()).contains("step", "tokens", "train_loss", "replica_losses", "val_loss", "lr",
                "tokens_per_second", "rounds",
                "communicated_bytes", "elapsed_seconds");
        assertThat(lines.getLast().get("val_loss").asDouble()).isEqualTo(trained.json().get("val_loss").asDouble());
    }

    @Test
    void aFolderWithARunIsNotTrainedInAgain() throws IOException {
        byte[] before = Files.readAllBytes(run.resolve("metrics.jsonl"));
        Shell refused = train("--data", text, "--out", run, "--steps", 60);
        assertThat(refused.exitCode()).isEqualTo(2);
        assertThat(refused.err()).contains("already holds a run").hasLineCount(1);
        assertThat(Files.readAllBytes(run.resolve("metrics.jsonl"))).isEqualTo(before);
    }

    @Test
    void resumingACompleteRunTellsItsResultAgain() {
        Shell again = Shell.run("train", "--resume", "--out", run, "--json", "--quiet");
        assertThat(again.exitCode()).isZero();
        assertThat(again.json().get("val_loss").asDouble()).isEqualTo(trained.json().get("val_loss").asDouble());
    }

    @Test
    void resumingWithAnotherSettingIsRefused() {
        Shell refused = Shell.run("train", "--resume", "--out", run, "--seed", 7);
        assertThat(refused.exitCode()).isEqualTo(2);
        assertThat(refused.err()).contains("seed 7 (not 1)").hasLineCount(1);
    }

    @Test
    void resumingWhereThereIsNoRunIsRefusedUnlessItsSettingsAreGiven() {
        Path out = folder.resolve("killed-early");
        Shell refused = Shell.run("train", "--resume", "--out", out);
        assertThat(refused.exitCode()).isEqualTo(2);
        assertThat(refused.err()).contains("nothing to resume").hasLineCount(1);
        assertThat(out).doesNotExist();

        Shell started = train("--resume", "--data", text, "--out", out, "--steps", 2, "--json");
        assertThat(started.exitCode()).isZero();
        assertThat(started.err()).startsWith(out + " holds no run yet: starting it");
    }

    static Stream<Arguments> unusableData() throws IOException {
        return Stream.of(
                Arguments.of(folder.resolve("none.txt"), "there is no such file"),
                Arguments.of(Files.writeString(folder.resolve("empty.txt"), ""), "empty"),
                Arguments.of(Files.writeString(folder.resolve("short.txt"), "too short"), "a context of 16 needs 17"),
                Arguments.of(Files.write(folder.resolve("binary.txt"), new byte[] {(byte) 0xff, 0, (byte) 0xfe}), "binary.txt"));
    }

    @ParameterizedTest
    @MethodSource("unusableData")
    void unusableDataAreRefusedAndNothingIsWritten(Path data, String message) {
        Path out = folder.resolve("unusable");
        Shell refused = train("--data", data, "--out", out);
        assertThat(refused.exitCode()).isIn(1, 2);
        assertThat(refused.err()).contains(message).hasLineCount(1);
        assertThat(out.resolve("checkpoints")).doesNotExist();
        assertThat(out.resolve("metrics.jsonl")).doesNotExist();
    }

    @Test
    void evaluatesATextAndItsIdsAlike() throws IOException {
        String sentence = "the 9 rivers";
        Path data = Files.writeString(folder.resolve("sentence.txt"), sentence);
        int[] ids = Tokenizer.load(run.resolve("checkpoints/step-00000060")).encode(sentence);
        Path tokens = Files.writeString(folder.resolve("sentence.json"), JsonMapper.shared().writeValueAsString(ids));

        JsonNode ofText = Shell.run("eval", "--model", run, "--data", data, "--json").json();
        JsonNode ofIds = Shell.run("eval", "--model", run, "--tokens", tokens, "--json").json();
        assertThat(ofText.get("tokens").asInt()).isEqualTo(sentence.length() - 1);
        assertThat(ofIds.get("tokens").asInt()).isEqualTo(sentence.length() - 1);
        double loss = ofIds.get("loss").asDouble();
        assertThat(ofText.get("loss").asDouble()).isCloseTo(loss, within(1e-6));
        assertThat(ofText.get("perplexity").asDouble()).isCloseTo(Math.exp(loss), within(1e-5));
        assertThat(ofText.get("bits_per_byte").asDouble())
                .isCloseTo(loss * (sentence.length() - 1) / Math.log(2) / sentence.length(), within(1e-6));
        assertThat(ofIds.has("bits_per_byte")).isFalse();
    }

    @Test
    void sequencesOfABatchAreMeasuredApart() throws IOException {
        double first = loss("[3, 1, 2]");
        double second = loss("[[1, 2, 3, 4, 5]]");
        assertThat(loss("[[3, 1, 2], [1, 2, 3, 4, 5]]")).isCloseTo((2 * first + 4 * second) / 6, within(1e-6));
    }

    private static double loss(String ids) throws IOException {
        Path file = Files.writeString(folder.resolve("ids.json"), ids);
        return Shell.run("eval", "--model", run, "--tokens", file, "--json").json().get("loss").asDouble();
    }

    static Stream<Arguments> unusableIds() {
        return Stream.of(
                Arguments.of("{}", "has to be a JSON array of ids"),
                Arguments.of("[]", "has to be a JSON array of ids"),
                Arguments.of("[1, 2", "is not JSON"),
                Arguments.of("[1]", "the sequence has 1 ids; the model takes 2 to 17"),
                Arguments.of("[[1, 2], [" + "1, ".repeat(17) + "1]]", "sequence 1 has 18 ids; the model takes 2 to 17"),
                Arguments.of("[[1, 2], 3]", "sequence 1 is not an array of ids"),
                Arguments.of("[1, 2.5]", "has 2.5 at place 1"),
                Arguments.of("[1, -1]", "has -1 at place 1"),
                Arguments.of("[1, 4000]", "has 4000 at place 1"));
    }

    @ParameterizedTest
    @MethodSource("unusableIds")
    void unusableIdsAreRefused(String ids, String message) throws IOException {
        Path file = Files.writeString(folder.resolve("unusable.json"), ids);
        Shell refused = Shell.run("eval", "--model", run, "--tokens", file);
        assertThat(refused.exitCode()).isEqualTo(2);
        assertThat(refused.err()).startsWith("tributary: " + file + ": ").contains(message).hasLineCount(1);
    }

    @Test
    void generatesTheSameTextFromTheSameSeed() {
        Object[] command = {"generate", "--model", run, "--prompt", "the ", "--max-tokens", 40, "--seed", 3};
        Shell written = Shell.run(command);
        assertThat(written.exitCode()).isZero();
        assertThat(written.out()).startsWith("the ").isEqualTo(Shell.run(command).out());
        assertThat(written.out().strip().length()).isGreaterThan(10);
        command[8] = 4;
        assertThat(Shell.run(command).out()).isNotEqualTo(written.out());
    }

    @Test
    void aPromptTheModelCannotReadIsRefusedBeforeAnythingIsPrinted() {
        Shell refused = Shell.run("generate", "--model", run, "--prompt", "日本");
        assertThat(refused.exitCode()).isEqualTo(2);
        assertThat(refused.err()).contains("'日'").hasLineCount(1);
        assertThat(refused.out()).isEmpty();
    }

    @Test
    void reportsOnTheRunWithItsSample() throws IOException {
        Shell reported = Shell.run("report", run);
        assertThat(reported.exitCode()).isZero();
        assertThat(reported.err()).isEmpty();
        assertThat(reported.out().strip()).isEqualTo(run.resolve("report.html").toString());
        assertThat(Files.readString(run.resolve("report.html"))).contains("<title>Run " + run.getFileName(), "<pre", "loss-compute");
    }

    @Test
    void aReportOnNothingIsRefused() {
        Shell refused = Shell.run("report", folder.resolve("nowhere"), "--figures", folder.resolve("figures"));
        assertThat(refused.exitCode()).isEqualTo(2);
        assertThat(refused.err()).startsWith("tributary: report: there is no ").hasLineCount(1);
        assertThat(folder.resolve("figures")).doesNotExist();
    }

    @Test
    void aFolderWithoutAModelIsNamed() {
        Shell refused = Shell.run("generate", "--model", folder.resolve("nowhere"));
        assertThat(refused.exitCode()).isIn(1, 2);
        assertThat(refused.err()).contains(folder.resolve("nowhere").toString()).hasLineCount(1);
    }

    @Test
    void theDoctorKnowsTheMachine() {
        JsonNode found = Shell.run("doctor", "--json").json();
        assertThat(found.propertyNames()).contains("java", "compiler", "simd", "processors", "heap", "gpu", "matrix_product");
        assertThat(found.get("matrix_product").get("gflops").asDouble()).isPositive();
        assertThat(found.get("matrix_product").get("share").asDouble()).isPositive();
        assertThat(Shell.run("doctor").out()).contains("matrix product", "GFLOP/s");
    }
}
