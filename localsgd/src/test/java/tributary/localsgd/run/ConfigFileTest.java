package tributary.localsgd.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ConfigFileTest {

    @TempDir
    Path folder;

    @ParameterizedTest
    @MethodSource
    void whatIsWrittenReadsBackEqual(Map<String, ?> given) throws IOException {
        RunConfig config = RunConfig.of(given);
        Path file = folder.resolve("run.yaml");
        config.write(file);
        assertThat(RunConfig.read(file)).isEqualTo(config);
    }

    static Stream<Map<String, ?>> whatIsWrittenReadsBackEqual() {
        return Stream.of(
                Map.of(),
                Map.of("algorithm", "data-parallel", "replicas", 3),
                Map.of("algorithm", "local-sgd", "seed", Long.MIN_VALUE, "clip", "infinity"),
                Map.of("lr", 1.0 / 3, "min-lr", 1e-300, "weight-decay", 1e-9, "order", "sequential", "schedule", "wsd"),
                Map.of("data", "my: odd #1 'file'.txt", "init-from", "runs/diloco-1", "tokenizer", "byte"),
                Map.of("data", "007"));
    }

    @Test
    void writesOnlyWhatTheAlgorithmUses() {
        assertThat(RunConfig.of(Map.of("algorithm", "data-parallel")).toYaml())
                .contains("algorithm: data-parallel\n", "lr: 0.003\n", "clip: 1\n")
                .doesNotContain("local-steps", "outer-", "init-from");
    }

    @Test
    void readsPartialFilesWithComments() throws IOException {
        assertThat(ConfigFile.read(file("# mine\nlr: 1e-3   # hot\n\nreplicas: 4\n"))).containsExactly(
                Map.entry("lr", "1e-3"), Map.entry("replicas", "4"));
        assertThat(ConfigFile.read(file(""))).isEmpty();
    }

    @ParameterizedTest
    @MethodSource
    void refusesWithFileAndLine(String text, String message) throws IOException {
        Path file = file(text);
        assertThatIllegalArgumentException().isThrownBy(() -> ConfigFile.read(file)).withMessage(file + message);
    }

    static Stream<Arguments> refusesWithFileAndLine() {
        return Stream.of(
                Arguments.of("lr: 1\nouter_lr: 3", ":2: unknown key outer_lr; the nearest known one is outer-lr"),
                Arguments.of("Heads: 3", ":1: unknown key Heads; the nearest known one is heads"),
                Arguments.of("lr: 1\nheads: 4\nlr: 2", ":3: key lr is given twice; keep one"),
                Arguments.of("heads:", ":1: heads has no value; give one or leave the key out"),
                Arguments.of("heads: ''", ":1: heads has no value; give one or leave the key out"),
                Arguments.of("data:\n  - a\n  - b", ":2: data takes one value, not a list or a table"),
                Arguments.of("lr: {peak: 1}", ":1: lr takes one value, not a list or a table"),
                Arguments.of("lr: 1\nlayers: 4.5",
                        ":2: layers '4.5' is not a whole number up to 2147483647; the standard is 4"),
                Arguments.of("layers: true", ":1: layers 'true' is not a whole number up to 2147483647; the standard is 4"),
                Arguments.of("- data", ":1: a configuration is lines of the form name: value"),
                Arguments.of("data", ":1: a configuration is lines of the form name: value"),
                Arguments.of("lr: 1\n---\nlr: 2", ":3: a second document begins; a configuration is one"),
                Arguments.of("lr: 1\n\theads: 2", ":2: is not YAML: found character '\\t(TAB)' that cannot start any token. "
                        + "(Do not use \\t(TAB) for indentation)"),
                Arguments.of("lr: {", ":1: lr takes one value, not a list or a table"));
    }

    @Test
    void aFileWhoseValuesCannotWorkTogetherIsNamed() throws IOException {
        Path file = file("width: 130");
        assertThatIllegalArgumentException().isThrownBy(() -> RunConfig.read(file))
                .withMessageStartingWith(file + ": width 130 is not divisible by heads 4");
    }

    @Test
    void refusesAMissingFile() {
        assertThatIllegalArgumentException().isThrownBy(() -> ConfigFile.read(folder.resolve("no.yaml")))
                .withMessage(folder.resolve("no.yaml") + ": there is no such configuration file");
    }

    private Path file(String text) throws IOException {
        return Files.writeString(folder.resolve("config.yaml"), text);
    }
}
