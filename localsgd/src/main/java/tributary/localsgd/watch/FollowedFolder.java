package tributary.localsgd.watch;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// A run's folder, or a folder with runs somewhere in it: finds them, also those that come later, and follows each.
final class FollowedFolder {
    /// How deep below the folder a run may lie.
    private static final int MOST_DEPTH = 4;
    private static final int LOOKS_PER_SEARCH = 10;
    private static final int POINTS_OF_ONE = 1500;
    private static final int POINTS_OF_MANY = 300;

    private final Path root;
    private final EventLog log;
    private final List<FollowedRun> runs = new ArrayList<>();
    private final Set<Path> known = new HashSet<>();
    private int looks;

    FollowedFolder(Path root, EventLog log) {
        this.root = root;
        this.log = log;
    }

    /// Whether it is a run's folder, has one in it, or is a study's, which has a place for them.
    static boolean holdsRuns(Path root) throws IOException {
        return Files.isDirectory(root.resolve("runs")) || !runsIn(root).isEmpty();
    }

    /// Reads what is new in all of it.
    void follow() {
        ObjectNode state = JsonMapper.shared().createObjectNode();
        try {
            if (looks++ % LOOKS_PER_SEARCH == 0 || runs.isEmpty()) {
                search();
            }
        } catch (IOException e) { // the next look may find it mended
            state.put("problem", root + " cannot be read: " + e);
        }
        log.state("folder", state);
        runs.forEach(FollowedRun::follow);
    }

    private void search() throws IOException {
        for (Path run : runsIn(root)) {
            if (known.add(run)) {
                boolean single = run.equals(root);
                String name = single ? root.toAbsolutePath().normalize().getFileName().toString() : root.relativize(run).toString();
                runs.add(new FollowedRun(runs.size(), run, name, single ? POINTS_OF_ONE : POINTS_OF_MANY, log));
            }
        }
    }

    private static Set<Path> runsIn(Path root) throws IOException {
        Set<Path> found = new TreeSet<>();
        if (Files.notExists(root)) {
            return found;
        }
        Files.walkFileTree(root, Set.of(), MOST_DEPTH, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
                if (Files.exists(folder.resolve("config.yaml"))) {
                    found.add(folder);
                    return FileVisitResult.SKIP_SUBTREE;
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) {
                return FileVisitResult.CONTINUE; // gone meanwhile, or not ours to read
            }
        });
        return found;
    }
}
