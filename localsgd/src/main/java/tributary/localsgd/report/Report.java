package tributary.localsgd.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import tools.jackson.databind.json.JsonMapper;
import tributary.localsgd.figure.Figure;
import tributary.localsgd.figure.FigureFiles;
import tributary.localsgd.plan.PlanFile;
import tributary.model.format.DurableFile;

/// What was measured, fitted and planned, to look at: runs beside each other, studies, laws and plans.
///
/// ```java
/// Report.of(List.of(Path.of("runs/diloco-1"), Path.of("runs/data-parallel-1"))).write(Path.of("report.html"));
/// ```
public final class Report {
    private final Page page;

    private Report(Page page) {
        this.page = page;
    }

    /// Reads what there is to report on.
    ///
    /// @param paths folders of runs, folders of such folders, folders of studies, tables of results (.jsonl, .csv), what
    ///        `fit --json` and `plan --json` printed (.json), and files that ask for a plan (.yaml), which draw on the laws of the
    ///        last study before them
    /// @throws IllegalArgumentException for a path that is none of these, or that cannot be read
    public static Report of(List<Path> paths) throws IOException {
        List<Path> folders = new ArrayList<>();
        List<Source> others = new ArrayList<>();
        for (Path path : paths) {
            for (Source source : Source.at(path)) {
                if (!(source instanceof Source.Run(Path folder))) {
                    others.add(source);
                } else if (!folders.contains(folder)) {
                    folders.add(folder);
                }
            }
        }
        List<Section> sections = new ArrayList<>();
        List<String> titles = new ArrayList<>();
        if (!folders.isEmpty()) {
            List<RunRecord> runs = new ArrayList<>();
            for (Path folder : folders) {
                runs.add(RunRecord.read(folder, name(folder, folders)));
            }
            sections.addAll(new RunSections(runs).sections());
            titles.add(runs.size() == 1 ? "Run " + runs.getFirst().name() : runs.size() + " runs");
        }
        Optional<StudyPlans> laws = Optional.empty();
        for (int i = 0; i < others.size(); i++) {
            List<Section> added = switch (others.get(i)) {
                case Source.Study(Path file, String name) -> {
                    List<Training> trainings = Training.read(file);
                    laws = Optional.of(StudyPlans.of(name, trainings));
                    yield new StudySections(name, i + 1, trainings).sections();
                }
                case Source.Law(Path file, var json) -> new FitSections(file.toString(), stem(file), i + 1, json).sections();
                case Source.Plan(Path file, var json) -> new PlanSections(file.toString(), stem(file), i + 1, json, "").sections();
                case Source.Question(Path file) -> new PlanSections(file.toString(), stem(file), i + 1,
                        JsonMapper.shared().readTree(PlanFile.read(file, laws.flatMap(StudyPlans::losses)).toJson()),
                        laws.map(StudyPlans::text).orElse("")).sections();
                case Source.Run(Path folder) -> throw new IllegalStateException(folder + " is a run"); // which are told together
            };
            sections.addAll(added);
            titles.add(added.getFirst().title());
        }
        return new Report(new Page(String.join(", ", titles), sections));
    }

    private static String stem(Path file) {
        return Objects.requireNonNull(file.getFileName(), file::toString).toString().replaceFirst("\\.(json|ya?ml)$", "");
    }

    /// The folder's own name, or its whole path where another run's is the same.
    private static String name(Path folder, List<Path> folders) {
        Path name = folder.toAbsolutePath().normalize().getFileName();
        boolean unique = folders.stream().filter(other -> name.equals(other.toAbsolutePath().normalize().getFileName())).count() == 1;
        return unique ? name.toString() : folder.toString();
    }

    /// All pictures, in the order of the page.
    public List<Figure> figures() {
        return page.sections().stream().flatMap(Section::figures).toList();
    }

    /// Writes the page, whole or not at all.
    public void write(Path file) throws IOException {
        DurableFile.writeString(file, page.html());
    }

    /// Writes every figure as `.svg`, `.png` and `.csv` into a folder, which is made where it is missing.
    ///
    /// @throws IllegalArgumentException where it is a file
    public void writeFigures(Path folder) throws IOException {
        if (Files.exists(folder) && !Files.isDirectory(folder)) {
            throw new IllegalArgumentException("figures " + folder + " is a file; give a folder");
        }
        Files.createDirectories(folder);
        try (FigureFiles files = new FigureFiles()) {
            for (Figure figure : figures()) {
                files.write(figure, folder);
            }
        }
    }
}
