package tributary.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tributary.model.tokenizer.BpeTrainer;
import tributary.model.tokenizer.Tokenizer;

class TokenizerCommandTest {
    @TempDir
    Path folder;

    @Test
    void aTokenizerIsLearntAndUsed() throws IOException {
        Path text = Shell.text(folder);
        Path file = folder.resolve("own.json");
        Shell learnt = learn(text, 280, file);
        assertThat(learnt.exitCode()).isZero();
        assertThat(learnt.out()).contains("280: 256 bytes and 24 merges", file.toString());
        Tokenizer tokenizer = Tokenizer.read(file);
        assertThat(learnt.out()).contains(tokenizer.sha256());
        assertThat(tokenizer.encode("the small rivers")).hasSizeLessThan(6);

        Path run = folder.resolve("run");
        Shell trained = Shell.run("train", "--data", text, "--tokenizer", file, "--out", run, "--layers", 1, "--heads", 2, "--width", 16,
                "--context", 16, "--batch", 4, "--steps", 4, "--json", "--quiet");
        assertThat(trained.exitCode()).as(trained.err()).isZero();
        assertThat(Tokenizer.load(run.resolve("checkpoints/step-00000004")).sha256()).isEqualTo(tokenizer.sha256());
        assertThat(Shell.run("generate", "--model", run, "--prompt", "日本 the", "--max-tokens", 3).out()).startsWith("日本 the");
        assertThat(Shell.run("eval", "--model", run, "--data", text, "--json").json().get("tokens").asInt())
                .isEqualTo(tokenizer.encode(Files.readString(text)).length - 1);

        assertThat(learn(text, 290, file).exitCode()).isZero();
        Shell refused = Shell.run("train", "--resume", "--out", run);
        assertThat(refused.exitCode()).isEqualTo(2);
        assertThat(refused.err()).contains("the tokenizer " + file + " has changed").hasLineCount(1);
    }

    @Test
    void severalTextsAreLearntFromAndMeasured() throws IOException {
        Path text = Shell.text(folder);
        Path other = Files.writeString(folder.resolve("other.txt"), "a lake, a lake\n");
        Path file = folder.resolve("own.json");
        assertThat(Shell.run("tokenizer", "train", "--data", text, "--data", other, "--vocab-size", 280, "--out", file).exitCode())
                .isZero();
        Tokenizer expected = new BpeTrainer(280, 1).train(List.of(Files.readString(text), Files.readString(other)), _ -> {});
        assertThat(Tokenizer.read(file).sha256()).isEqualTo(expected.sha256());

        losses(text, "run");
        JsonNode measured = Shell.run("eval", "--model", folder.resolve("run"), "--data", text, "--data", other, "--json").json();
        Tokenizer own = Tokenizer.load(folder.resolve("run/checkpoints/step-00000003"));
        assertThat(measured.get("tokens").asInt())
                .isEqualTo(own.encode(Files.readString(text)).length + own.encode(Files.readString(other)).length - 1);
    }

    @Test
    void aSmallTextHasFewPairs() throws IOException {
        Path text = Files.writeString(folder.resolve("small.txt"), "ab ab");
        Shell learnt = learn(text, 1000, folder.resolve("small.json"));
        assertThat(learnt.exitCode()).isZero();
        assertThat(learnt.err()).contains("pairs for 258 tokens only, not for 1000").hasLineCount(1);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            --vocab-size 200 --out DIR/x.json     | vocab-size 200 is too small
            --vocab-size 300 --out DIR/x.txt      | does not end in .json
            --vocab-size 300 --out DIR/no/x.json  | there is no folder
            --vocab-size 300                      | Missing required option: '--out=FILE.json'
            --vocab-size 300 --out DIR/x.json --min-frequency 0 | min-frequency 0 is not positive
            --vocab-size 300 --out DIR/x.json --vocab 3 | unknown option --vocab
            """)
    void refusesWithOneLineAndExitCodeTwo(String options, String message) throws IOException {
        String line = "tokenizer train --data " + Shell.text(folder) + " " + options.replace("DIR", folder.toString());
        Shell refused = Shell.run((Object[]) line.split(" "));
        assertThat(refused.exitCode()).isEqualTo(2);
        assertThat(refused.err()).startsWith("tributary: ").contains(message).hasLineCount(1);
        assertThat(folder.resolve("x.json")).doesNotExist();
    }

    @Test
    void anUnusableFileIsRefusedByTrain() throws IOException {
        Path text = Shell.text(folder);
        Path file = Files.writeString(folder.resolve("broken.json"), "{}");
        for (String[] unusable : new String[][] {{file.toString(), "tokenizer model none is not supported"},
            {folder.resolve("none.json").toString(), "there is no such file"}, {"words", "tokenizer words is not known; use char, byte"}}) {
            Shell refused = Shell.run("train", "--data", text, "--tokenizer", unusable[0], "--out", folder.resolve("run"));
            assertThat(refused.exitCode()).isEqualTo(2);
            assertThat(refused.err()).contains(unusable[1]).hasLineCount(1);
        }
        assertThat(Shell.run("tokenizer").err()).contains("a command is missing: tokenizer train").hasLineCount(1);
    }

    @Test
    void trainingOnTokensIsTrainingOnTheText() throws IOException {
        Path text = Shell.text(folder);
        Path tokens = folder.resolve("tokens");
        Shell tokenized = Shell.run("tokenize", "--data", text, "--tokenizer", "gpt2", "--out", tokens, "--shard-tokens", 1000);
        assertThat(tokenized.exitCode()).as(tokenized.err()).isZero();
        assertThat(tokenized.out()).contains("50,257", "to train on", "train --data " + tokens);
        assertThat(losses(tokens, "of-tokens")).isEqualTo(losses(text, "of-text"));

        Shell refused = Shell.run("tokenize", "--data", text, "--tokenizer", "gpt2", "--out", tokens);
        assertThat(refused.exitCode()).isEqualTo(2);
        assertThat(refused.err()).contains("holds tokens already").hasLineCount(1);
        Shell noText = Shell.run("eval", "--model", folder.resolve("of-text"), "--data", tokens);
        assertThat(noText.exitCode()).isEqualTo(2);
        assertThat(noText.err()).contains("holds tokens and no text").hasLineCount(1);
        Shell ofText = Shell.run("tokenize", "--data", text, "--tokenizer", "char", "--out", folder.resolve("none"));
        assertThat(ofText.exitCode()).isEqualTo(2);
        assertThat(ofText.err()).contains("use byte, gpt2 or a file").hasLineCount(1);
        assertThat(folder.resolve("none")).doesNotExist();
    }

    @Test
    void severalTextsAreTokenizedWithTheirWeights() throws IOException {
        Path text = Shell.text(folder);
        Path other = Files.writeString(folder.resolve("other.txt"), "the sea takes all rivers. ".repeat(200));
        Path tokens = folder.resolve("tokens");
        Shell tokenized = Shell.run("tokenize", "--data", text + "=3", "--data", other, "--tokenizer", "gpt2", "--out", tokens);
        assertThat(tokenized.exitCode()).as(tokenized.err()).isZero();
        assertThat(tokenized.out()).contains("text.txt", "other.txt");
        assertThat(losses(tokens, "of-tokens")).isEqualTo(losses(text + "=3," + other + "=1", "of-text"));
    }

    private double losses(Object data, String run) {
        return Shell.run("train", "--data", data, "--tokenizer", "gpt2", "--out", folder.resolve(run), "--layers", 1, "--heads", 1,
                "--width", 8, "--context", 16, "--batch", 2, "--steps", 3, "--json", "--quiet").json().get("val_loss").asDouble();
    }

    private static Shell learn(Path text, int size, Path file) {
        return Shell.run("tokenizer", "train", "--data", text, "--vocab-size", size, "--out", file);
    }
}
