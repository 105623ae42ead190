package tributary.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tributary.localsgd.run.AlgorithmName;
import tributary.localsgd.run.RunConfig;
import tributary.localsgd.run.Setting;

class UsageTest {

    @TempDir
    Path folder;

    @Test
    void helpNamesTheCommands() {
        Shell help = Shell.run("--help");
        assertThat(help.exitCode()).isZero();
        assertThat(help.out()).contains("train", "algorithms", "eval", "generate", "doctor", "bench", "fit", "plan", "watch", "tokenizer",
                "tokenize", "generate-completion");
        assertThat(help.err()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"train", "algorithms", "eval", "generate", "doctor", "bench", "fit", "plan", "watch", "tokenizer", "tokenize"})
    void everyCommandHasHelpAndTheVersion(String command) {
        assertThat(Shell.run(command, "--help").out()).contains("Usage: tributary " + command);
        assertThat(Shell.run(command, "--version").out()).startsWith("tributary ").contains(System.getProperty("java.home"));
    }

    @Test
    void everySettingIsAnOptionWithItsHelpAndItsStandardValue() {
        String help = Shell.run("train", "--help").out().replaceAll("\\s+", ""); // long lines are broken anywhere
        for (Setting setting : Setting.all()) {
            String standard = setting.special() || !setting.standard().isEmpty() ? "[" : "";
            assertThat(help).contains(("--" + setting.name() + "=" + setting.kind() + setting.help() + standard).replaceAll("\\s+", ""));
            if (!setting.special() && !setting.standard().isEmpty()) {
                assertThat(help).contains(setting.help().replaceAll("\\s+", "") + "[" + setting.standard() + "]");
            }
        }
    }

    @Test
    void completionKnowsTheChoicesOfASetting() {
        Shell script = Shell.run("generate-completion");
        assertThat(script.exitCode()).isZero();
        assertThat(script.out()).contains("--outer-lr", "data-parallel", "diloco");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            ""                               | a command is missing; the first to try is train; see tributary --help
            trian                            | unknown argument trian; did you mean train?; see tributary --help
            train --leyers 3                 | unknown option --leyers; did you mean --layers?; see tributary train --help
            train --threads two              | Invalid value for option '--threads': 'two' is not an int; see tributary train --help
            train --layers four              | layers 'four' is not a whole number up to 2147483647; the standard is 4
            train --width 130                | width 130 is not divisible by heads 4; use a width of 132 or other heads
            train --data-parallel-steps 1 --algorithm slowmo | data-parallel-steps 1 has no use in slowmo; leave it out or use \
            post-local-sgd, diloco, muloco or palsgd
            train --config no.yaml           | no.yaml: there is no such configuration file
            generate                         | Missing required option: '--model=DIR'; see tributary generate --help
            generate --model x --top-p 2     | top-p 2.0 is not in (0, 1]
            watch no-folder                  | watch: there is no folder no-folder
            watch src                        | watch: src holds no run (there is no config.yaml in it or in a folder in it)
            watch src --port all             | Invalid value for option '--port': 'all' is not an int; see tributary watch --help
            generate --model x --threads 0   | threads 0 is not positive; use 1 or more
            eval --model x                   | --data or --tokens has to be given, one of them; see tributary eval --help
            eval --model x --data a --tokens b | --data or --tokens has to be given, not both; see tributary eval --help
            tokenizer train --data a --data b=2 --vocab-size 300 --out x.json | data a, b=2: weights are for train, which mixes sources; \
            here each is taken as a whole, so leave them out
            """)
    void refusesWithOneLineAndExitCodeTwo(String arguments, String message) {
        Shell refused = arguments.isEmpty() ? Shell.run() : Shell.run((Object[]) arguments.split(" "));
        assertThat(refused.err()).isEqualTo("tributary: " + message + System.lineSeparator());
        assertThat(refused.exitCode()).isEqualTo(2);
        assertThat(refused.out()).isEmpty();
    }

    @Test
    void algorithmsAreListedWithPaperSettingsAndStandards() {
        String list = Shell.run("algorithms").out();
        JsonNode json = JsonMapper.shared().readTree(Shell.run("algorithms", "--json").out());
        assertThat(json.size()).isEqualTo(AlgorithmName.values().length);
        for (AlgorithmName algorithm : AlgorithmName.values()) {
            assertThat(list).contains("\n" + Setting.label(algorithm) + "\n", algorithm.summary(), algorithm.paper());
            JsonNode entry = json.get(algorithm.ordinal());
            assertThat(entry.path("name").stringValue()).isEqualTo(Setting.label(algorithm));
            assertThat(entry.path("paper").stringValue()).isEqualTo(algorithm.paper());
            for (Setting setting : algorithm.settings()) {
                assertThat(list).contains("--" + setting.name());
                assertThat(entry.path("settings").path(setting.name()).stringValue()).isEqualTo(algorithm.standard(setting));
            }
        }
    }

    @Test
    void debugShowsWhereAnErrorComesFrom() {
        assertThat(Shell.run("train", "--debug", "--layers", "0").err()).contains("layers 0 is not positive", "\tat tributary.localsgd");
    }

    @Test
    void printsTheConfigurationItWouldRun() {
        Shell shown = Shell.run("train", "--print-config");
        assertThat(shown.exitCode()).isZero();
        assertThat(shown.out()).isEqualTo(RunConfig.standard().toYaml());
    }

    @Test
    void dataMayBeGivenSeveralTimes() {
        assertThat(Shell.run("train", "--data", "a.txt", "--data", "jdk=0.3", "--steps", 9, "--print-config").out())
                .isEqualTo(RunConfig.of(Map.of("data", "a.txt=1,jdk=0.3", "steps", 9)).toYaml());
        Shell refused = Shell.run("train", "--data", "a,b.txt", "--data", "jdk");
        assertThat(refused.exitCode()).isEqualTo(2);
        assertThat(refused.err()).contains("data a,b.txt has a comma in it").hasLineCount(1);
    }

    @Test
    void optionsComeBeforeTheFile() throws IOException {
        Path file = Files.writeString(folder.resolve("run.yaml"), "lr: 1e-4\nlayers: 2\n");
        assertThat(Shell.run("train", "--config", file, "--layers", 3, "--print-config").out())
                .isEqualTo(RunConfig.of(Map.of("lr", "1e-4", "layers", 3)).toYaml());
    }

    @Test
    void anUnknownKeyOfTheFileIsNamedWithTheNearestKnownOne() throws IOException {
        Path file = Files.writeString(folder.resolve("run.yaml"), "layers: 2\nlocal_steps: 5\n");
        Shell refused = Shell.run("train", "--config", file);
        assertThat(refused.exitCode()).isEqualTo(2);
        assertThat(refused.err()).isEqualToNormalizingNewlines(
                "tributary: " + file + ":2: unknown key local_steps; the nearest known one is local-steps\n");
    }
}
