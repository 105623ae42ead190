package tributary.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import tributary.localsgd.run.AlgorithmName;
import tributary.localsgd.run.Run;
import tributary.localsgd.run.Setting;

/// Where runs lie when nobody says where: `runs/diloco-1`, `runs/diloco-2`, ...
final class RunFolders {
    private static final Path ROOT = Path.of("runs");

    private RunFolders() {}

    /// The first folder that is not there yet.
    static Path next(AlgorithmName algorithm) {
        for (int number = 1;; number++) {
            Path folder = ROOT.resolve(Setting.label(algorithm) + "-" + number);
            if (Files.notExists(folder)) {
                return folder;
            }
        }
    }

    /// The run that was last written to.
    ///
    /// @throws IllegalArgumentException where there is none
    static Path newest() throws IOException {
        List<Path> runs = new ArrayList<>();
        if (Files.isDirectory(ROOT)) {
            try (Stream<Path> folders = Files.list(ROOT)) {
                folders.filter(RunFolders::holdsRun).forEach(runs::add);
            }
        }
        return runs.stream().max(Comparator.comparing(RunFolders::lastWritten)).orElseThrow(() -> new IllegalArgumentException(
                "nothing to resume: " + ROOT.toAbsolutePath() + " holds no run; name the run's folder with --out"));
    }

    /// Whether nothing has been put into the folder yet.
    static boolean isEmpty(Path folder) throws IOException {
        if (Files.notExists(folder)) {
            return true;
        }
        try (Stream<Path> content = Files.list(folder)) {
            return content.allMatch(path -> path.getFileName().toString().startsWith("."));
        }
    }

    private static boolean holdsRun(Path folder) {
        try {
            Run.configuration(folder);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static FileTime lastWritten(Path run) {
        try (Stream<Path> content = Files.walk(run, 1)) {
            FileTime newest = FileTime.fromMillis(0);
            for (Path path : content.toList()) {
                FileTime written = Files.getLastModifiedTime(path);
                newest = written.compareTo(newest) > 0 ? written : newest;
            }
            return newest;
        } catch (IOException e) {
            return FileTime.fromMillis(0);
        }
    }
}
