package tributary.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.assertj.core.api.AbstractStringAssert;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class StudyCommandTest {
    private static final String STUDY = """
            data: %s
            tokenizer: char
            validation-tokens: 128
            sizes: [{layers: 1, width: 8, heads: 2}, {layers: 2, width: 8, heads: 2}, {layers: 2, width: 12, heads: 2}]
            tokens-per-parameter: 1
            batch-tokens: 32
            settings: {context: 8}
            grids:
              - {name: baseline, algorithm: data-parallel}
              - {name: diloco, algorithm: diloco, replicas: 2, local-steps: 4}
            """;

    @TempDir
    static Path folder;
    static Path file;
    static Shell run;

    @BeforeAll
    static void runStudy() throws IOException {
        file = Files.writeString(folder.resolve("rivers.yaml"), STUDY.formatted(Shell.text(folder)));
        run = Shell.run("study", "run", file);
    }

    @Test
    void runShowsWhatEndsAndLeavesATableAndLaws() {
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.err()).contains("888 diloco M=2 H=4 D=896 seed 1: loss ", "6 of 6 trainings, 100.0 % of ");
        assertThat(run.out()).containsPattern("loss +888 +1\\.76k +3\\.79k").contains("Laws, with 95 % intervals:", "  data-parallel ",
                "  diloco H=4 M=2 ");
        assertThat(folder.resolve("rivers/results.jsonl")).isRegularFile();
        assertThat(folder.resolve("rivers/report.html")).content().contains("<html", "diloco");
        assertThat(run.out()).endsWith("All of it to look at: " + folder.resolve("rivers/report.html") + System.lineSeparator());
    }

    @Test
    void aFinishedStudyTellsItsLawsAgain() {
        Shell again = Shell.run("study", "run", file, "--quiet");
        assertThat(again.err()).isEmpty();
        assertThat(again.out()).isEqualTo(run.out());
    }

    @Test
    void listsWhatThereIsToDo() {
        Shell list = Shell.run("study", "list", file, "--store", folder.resolve("elsewhere"));
        assertThat(list.out().lines()).hasSize(1 + 6 + 2);
        assertThat(list.out()).contains("6 trainings, 0 done");
        assertThat(Shell.run("study", "list", file).out()).contains("6 trainings, 6 done");
    }

    @Test
    void status() {
        assertThat(Shell.run("study", "status", file).out()).contains("6 of 6 trainings, 100.0 %", "best at 888 ");
        JsonNode status = Shell.run("study", "status", file, "--json").json();
        assertThat(status.get("done").asInt()).isEqualTo(6);
        assertThat(status.get("share_of_compute").asDouble()).isEqualTo(1);
        assertThat(status.get("best").size()).isEqualTo(3);
        assertThat(Shell.run("study", "status", file, "--store", folder.resolve("elsewhere"), "--json").json().get("waiting").asInt())
                .isEqualTo(6);
    }

    @Test
    void comparesWaysOfTraining() {
        Shell all = Shell.run("study", "compare", file);
        assertThat(all.out()).as(all.err()).hasLineCount(1 + 6);
        Shell chosen = Shell.run("study", "compare", file, "--grid", "diloco", "--against", "baseline");
        assertThat(chosen.out().lines()).as(chosen.err()).hasSize(1 + 3);
        assertThat(chosen.out().lines().findFirst()).hasValueSatisfying(
                names -> assertThat(names).containsPattern("grid +.*layers +.*width +seeds +loss +error +above % +error %"));
        List<JsonNode> results = Shell.run("study", "export", file, "--jsonl").out().lines().map(JsonMapper.shared()::readTree).toList();
        double baseline = results.getFirst().get("loss").doubleValue();
        double diloco = results.get(3).get("loss").doubleValue(); // of the same size
        assertThat(chosen.out().lines().toList().get(1).split(" +"))
                .endsWith(String.format(Locale.ROOT, "%.4f", diloco), String.format(Locale.ROOT, "%+.2f", 100 * (diloco / baseline - 1)));
    }

    @Test
    void exportsWhatFitReads() {
        Path csv = folder.resolve("results.csv");
        assertThat(Shell.run("study", "export", file, "--csv", "--out", csv).exitCode()).isZero();
        Shell fit = Shell.run("fit", csv, "--law", "power", "--where", "algorithm=diloco", "--bootstrap", "0", "--json");
        assertThat(fit.json().get("points").asInt()).as(fit.err()).isEqualTo(3);
        assertThat(Shell.run("study", "export", file, "--jsonl").out().lines()).hasSize(6).allMatch(line -> line.contains("\"curve\":[["));
        Path tables = folder.resolve("tables.md");
        assertThat(Shell.run("study", "export", file, "--markdown", "--out", tables).exitCode()).isZero();
        assertThat(tables).content().startsWith("# Results of 6 of 6 trainings\n").contains("## Gap to data-parallel training",
                "| diloco H=4 M=2 |");
    }

    @Test
    void bad() throws IOException {
        refused("study", "run", folder.resolve("none.yaml")).contains("none.yaml: there is no such study file");
        refused("study", "run", file, "--order", "random").contains("order 'random' is not known; use longest, shortest, file");
        refused("study", "run", file, "--cores", "0").contains("cores 0 is not positive");
        refused("study", "export", file).contains("--csv");
        refused("study", "export", file, "--csv", "--store", folder.resolve("elsewhere")).contains("has no results in ");
        refused("study", "compare", file, "--grid", "dilico").contains("no grid dilico in the study; the nearest is diloco");
        refused("study", "compare", file, "--against", "base").contains("no grid base in the study; the nearest is baseline");
        refused("study").contains("a command is missing; the first to try is run quick");
        Path bad = Files.writeString(folder.resolve("bad.yaml"), "sizes: 13k\ngrids: [{algoritm: diloco}]");
        refused("study", "run", bad).contains("bad.yaml: grids[0]: unknown key algoritm; the nearest known one is algorithm");
        Path nowhere = Files.writeString(folder.resolve("nowhere.yaml"), "data: gone.txt\nsizes: 13k\ngrids: [{algorithm: diloco}]");
        refused("study", "run", nowhere).contains("gone.txt: there is no such file");
    }

    private static AbstractStringAssert<?> refused(Object... arguments) {
        Shell refused = Shell.run(arguments);
        assertThat(refused.exitCode()).isEqualTo(2);
        assertThat(refused.out()).isEmpty();
        return assertThat(refused.err()).startsWith("tributary: ").hasLineCount(1);
    }
}
