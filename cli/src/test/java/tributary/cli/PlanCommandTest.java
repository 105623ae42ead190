package tributary.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlanCommandTest {
    @TempDir
    Path folder;

    private Path file() throws IOException {
        return Files.writeString(folder.resolve("plan.yaml"), """
                model: {parameters: 1e6, layers: 4}
                training: {tokens: 1e8, batch-tokens: 1e4, local-steps: [20]}
                clusters:
                  - {name: here, workers: 2, flops: 1e11, inside: {up: 1e9, down: 1e9}, outside: {up: 1e8, down: 1e8}}
                  - {name: there, workers: 1, flops: 1e11, outside: {up: 1e8, down: 1e8}}
                """);
    }

    @Test
    void printsFindingsTablesAndAssumptions() throws IOException {
        Shell shell = Shell.run("plan", file());
        assertThat(shell.exitCode()).isZero();
        assertThat(shell.err()).isEmpty();
        assertThat(shell.out()).startsWith("here alone: ").contains("All 2 clusters: ", "\nWays to train", "two-stage", "\nFrom which H",
                "\nThe narrowest lines", "\nBandwidth between clusters", "\nassumed\n", "arXiv:2503.09799");
    }

    @Test
    void printsOneJsonObject() throws IOException {
        Shell shell = Shell.run("plan", file(), "--json");
        assertThat(shell.exitCode()).isZero();
        assertThat(shell.out().lines()).hasSize(1);
        assertThat(shell.json().get("plan").stringValue()).isEqualTo("clusters");
    }

    @Test
    void writesItsFigures() throws IOException {
        Path figures = folder.resolve("figures");
        assertThat(Shell.run("plan", file(), "--figures", figures).exitCode()).isZero();
        assertThat(figures.resolve("plan-1-times.svg")).isNotEmptyFile();
        assertThat(figures.resolve("plan-1-speedup.png")).isNotEmptyFile();
        assertThat(figures.resolve("plan-1-utilization.csv")).isNotEmptyFile();
        Shell refused = Shell.run("plan", file(), "--figures", file());
        assertThat(refused.exitCode()).isEqualTo(2);
        assertThat(refused.err()).isEqualToNormalizingNewlines("tributary: figures " + file() + " is a file; give a folder\n");
    }

    @Test
    void refusesWithOneLineAndExitCodeTwo() throws IOException {
        Path wrong = Files.writeString(folder.resolve("wrong.yaml"), "modell: 1\n");
        Shell refused = Shell.run("plan", wrong);
        assertThat(refused.exitCode()).isEqualTo(2);
        assertThat(refused.err()).isEqualToNormalizingNewlines(
                "tributary: " + wrong + ": unknown key modell; the nearest known one is model\n");
        assertThat(Shell.run("plan", folder.resolve("none.yaml")).err()).contains("none.yaml: there is no such plan file").hasLineCount(1);
        assertThat(Shell.run("plan").exitCode()).isEqualTo(2);
    }
}
