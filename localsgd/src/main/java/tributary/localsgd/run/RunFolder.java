package tributary.localsgd.run;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tributary.localsgd.RoundFailedException;
import tributary.model.json.JsonFile;

/// The folder of one run: `config.yaml`, `metrics.jsonl`, `checkpoints/`, perhaps `rollbacks.jsonl`. While a run works in it,
/// it holds a lock.
final class RunFolder implements AutoCloseable {
    private final Path root;
    private final FileChannel lockFile;

    private RunFolder(Path root, FileChannel lockFile) {
        this.root = root;
        this.lockFile = lockFile;
    }

    /// Takes a folder for a run.
    ///
    /// @param resume whether it must hold a run already; otherwise it must hold none
    /// @throws IllegalArgumentException where that is not so
    /// @throws RunException where another run works in it
    static RunFolder open(Path root, boolean resume) throws IOException, RunException {
        boolean holdsRun = Files.exists(configuration(root));
        if (resume && !holdsRun) {
            throw new IllegalArgumentException("nothing to resume: " + root + " holds no run (there is no " + configuration(root) + ")");
        }
        if (Files.exists(root) && !Files.isDirectory(root)) {
            throw new IllegalArgumentException("out " + root + " is a file; give a folder");
        }
        if (!resume && holdsRun) {
            throw new IllegalArgumentException("out " + root + " already holds a run; add --resume to continue it or give another --out");
        }
        if (!resume && !isEmpty(root)) {
            throw new IllegalArgumentException("out " + root + " is not empty and holds no run; give another --out");
        }
        Files.createDirectories(root);
        FileChannel file = FileChannel.open(root.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        if (lock(file) == null) {
            file.close();
            throw new RunException("out " + root + " is in use by another run; wait for it to end or give another --out");
        }
        return new RunFolder(root, file);
    }

    private static @Nullable FileLock lock(FileChannel file) throws IOException {
        try {
            return file.tryLock();
        } catch (OverlappingFileLockException e) {
            return null; // a run in this very process
        }
    }

    private static boolean isEmpty(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return true;
        }
        try (Stream<Path> content = Files.list(folder)) {
            return content.allMatch(path -> path.getFileName().toString().startsWith(".")); // a lock, a draft of a killed run
        }
    }

    static Path configuration(Path root) {
        return root.resolve("config.yaml");
    }

    Path configuration() {
        return configuration(root);
    }

    /// The cluster file as it was when the run began.
    Path cluster() {
        return root.resolve("cluster.yaml");
    }

    /// What the workers of a virtual cluster did when, for Perfetto and Chrome.
    Path timeline() {
        return root.resolve("timeline.json");
    }

    /// Its beginning, as a picture.
    Path timelinePicture() {
        return root.resolve("timeline.svg");
    }

    Path metrics() {
        return root.resolve("metrics.jsonl");
    }

    /// Notes that a round was rolled back: `rollbacks.jsonl` has one JSON object a rollback, `step` and `reason`. What a
    /// resumed run repeats it takes out of the metrics; this stays.
    void note(RoundFailedException failed) throws IOException {
        String line = JsonFile.object().put("step", failed.step()).put("reason", failed.getMessage()) + "\n";
        Files.writeString(root.resolve("rollbacks.jsonl"), line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    Path checkpoints() {
        return checkpoints(root);
    }

    private static Path checkpoints(Path root) {
        return root.resolve("checkpoints");
    }

    /// The folder with the newest model: `dir` itself where it holds a `config.json`, else its newest whole checkpoint.
    ///
    /// @throws IllegalArgumentException where there is none
    static Path model(Path dir) throws IOException {
        if (Files.exists(dir.resolve("config.json"))) {
            return dir;
        }
        List<String> broken = new ArrayList<>();
        return Checkpoint.newest(checkpoints(dir), broken::add)
                .map(Checkpoint::folder)
                .orElseThrow(() -> new IllegalArgumentException(
                        "model " + dir + " holds neither a config.json nor a whole checkpoint"
                                + (broken.isEmpty() ? "" : "; " + String.join("; ", broken))));
    }

    @Override
    public void close() throws IOException {
        lockFile.close();
    }
}
