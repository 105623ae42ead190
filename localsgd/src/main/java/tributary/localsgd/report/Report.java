package tributary.localsgd.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import tributary.localsgd.figure.Figure;
import tributary.localsgd.figure.FigureFiles;
import tributary.model.format.DurableFile;

/// What runs measured, to look at: a run for itself, or several beside each other.
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
    /// @param paths folders of runs, or folders of such folders
    /// @throws IllegalArgumentException for a path that is none, or a run that cannot be read
    public static Report of(List<Path> paths) throws IOException {
        List<Path> folders = new ArrayList<>();
        for (Path path : paths) {
            for (Path folder : runs(path)) {
                if (!folders.contains(folder)) {
                    folders.add(folder);
                }
            }
        }
        List<RunRecord> runs = new ArrayList<>();
        for (Path folder : folders) {
            runs.add(RunRecord.read(folder, name(folder, folders)));
        }
        String title = runs.size() == 1 ? "Run " + runs.getFirst().name() : runs.size() + " runs";
        return new Report(new Page(title, new RunSections(runs).sections()));
    }

    private static List<Path> runs(Path path) throws IOException {
        if (Files.notExists(path)) {
            throw new IllegalArgumentException("report: there is no " + path);
        }
        if (!Files.isDirectory(path)) {
            throw new IllegalArgumentException("report: " + path + " is a file; name the folder of a run, or one that holds runs");
        }
        if (RunRecord.in(path)) {
            return List.of(path.normalize());
        }
        List<Path> runs;
        try (Stream<Path> inside = Files.list(path)) {
            runs = inside.filter(RunRecord::in).map(Path::normalize).sorted().toList();
        }
        if (runs.isEmpty()) {
            throw new IllegalArgumentException("report: " + path + " holds no run (there is no config.yaml in it or one below)");
        }
        return runs;
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
    public void writeFigures(Path folder) throws IOException {
        Files.createDirectories(folder);
        try (FigureFiles files = new FigureFiles()) {
            for (Figure figure : figures()) {
                files.write(figure, folder);
            }
        }
    }
}
