package tributary.localsgd.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tributary.localsgd.plan.PlanFile;
import tributary.model.json.JsonFile;

/// Something to report on, as it lies in the file system.
sealed interface Source {
    String RESULTS = "results.jsonl";

    /// A folder that `train` made.
    record Run(Path folder) implements Source {}

    /// A study's results, or an export of them.
    record Study(Path file, String name) implements Source {}

    /// What `fit --json` printed.
    record Law(Path file, JsonNode json) implements Source {}

    /// What `plan --json` printed.
    record Plan(Path file, JsonNode json) implements Source {}

    /// A file that asks for a plan.
    record Question(Path file) implements Source {}

    /// What lies at a path; several runs where it is a folder of them.
    ///
    /// @throws IllegalArgumentException where it is nothing to report on
    static List<Source> at(Path path) throws IOException {
        if (Files.notExists(path)) {
            throw new IllegalArgumentException("report: there is no " + path);
        }
        return Files.isDirectory(path) ? inFolder(path.normalize()) : List.of(ofFile(path));
    }

    private static List<Source> inFolder(Path folder) throws IOException {
        if (RunRecord.in(folder)) {
            return List.of(new Run(folder));
        }
        if (Files.exists(folder.resolve(RESULTS))) {
            return List.of(new Study(folder.resolve(RESULTS), folder.toAbsolutePath().getFileName().toString()));
        }
        List<Source> runs = new ArrayList<>();
        try (Stream<Path> inside = Files.list(folder)) {
            inside.filter(RunRecord::in).map(Path::normalize).sorted().map(Run::new).forEach(runs::add);
        }
        if (runs.isEmpty()) {
            throw new IllegalArgumentException("report: " + folder + " holds no run and no study (there is no config.yaml in it or one "
                    + "below, and no " + RESULTS + ")");
        }
        return runs;
    }

    private static Source ofFile(Path file) throws IOException {
        String name = file.getFileName().toString();
        if (name.endsWith(".jsonl") || name.endsWith(".csv")) {
            return new Study(file, name.replaceFirst("\\.[a-z]+$", ""));
        }
        if ((name.endsWith(".yaml") || name.endsWith(".yml")) && PlanFile.isOne(file)) {
            return new Question(file);
        }
        if (name.endsWith(".json")) {
            JsonNode json = JsonFile.read(file);
            if (json.has("law")) {
                return new Law(file, json);
            }
            if (json.has("plan")) {
                return new Plan(file, json);
            }
        }
        throw new IllegalArgumentException(
                "report: " + file + " is nothing to report on; name a folder of a run or of a study, its results "
                        + "as .jsonl or .csv, what fit --json or plan --json printed, as .json, or the .yaml of a plan");
    }
}
