package tributary.localsgd.study;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tributary.localsgd.run.RunException;
import tributary.model.format.FormatException;

/// A study's folder: `results.jsonl`, to which a line is added when a training ends, and `runs/`, where trainings are at work.
///
/// The results are a file of lines and no database: adding a line is all that ever happens to them; a line is on the disk before
/// the training counts as done, and half a line, which a power cut may leave, is dropped; the results of two machines are merged by
/// putting one file behind the other; version control shows what was added; and DuckDB, SQLite and spreadsheets read them as they
/// are or as exported.
///
/// One process at a time writes; others may read meanwhile.
public final class Store implements AutoCloseable {
    private static final String RESULTS = "results.jsonl";

    private final Path root;
    private final FileChannel lock;
    private final FileChannel file;
    private final Map<String, Result> results;

    private Store(Path root, FileChannel lock, FileChannel file, Map<String, Result> results) {
        this.root = root;
        this.lock = lock;
        this.file = file;
        this.results = results;
    }

    /// Opens a folder for writing, and makes it where there is none.
    ///
    /// @throws RunException where another process has it open
    /// @throws FormatException where a line is not a result
    static Store open(Path root) throws IOException, RunException {
        Files.createDirectories(root.resolve("runs"));
        FileChannel lock = FileChannel.open(root.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            if (!isMine(lock)) {
                throw new RunException("study " + root + " is in use by another process; wait for it to end or give another --store");
            }
            Lines lines = lines(root);
            FileChannel file = FileChannel.open(root.resolve(RESULTS), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            file.truncate(lines.bytes);
            file.position(lines.bytes);
            return new Store(root, lock, file, lines.results);
        } catch (IOException | RunException | RuntimeException e) {
            lock.close();
            throw e;
        }
    }

    private static boolean isMine(FileChannel lock) throws IOException {
        try {
            return lock.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            return false; // a study in this very process
        }
    }

    /// The results of a folder, by configuration, in their order; none where there is none.
    ///
    /// @throws FormatException where a line is not a result
    public static Map<String, Result> read(Path root) throws IOException {
        return lines(root).results;
    }

    private record Lines(Map<String, Result> results, long bytes) {}

    private static Lines lines(Path root) throws IOException {
        Map<String, Result> results = new LinkedHashMap<>();
        Path path = root.resolve(RESULTS);
        if (Files.notExists(path)) {
            return new Lines(results, 0);
        }
        byte[] bytes = Files.readAllBytes(path);
        int start = 0;
        int number = 1;
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] == '\n') {
                Result result = Result.fromJson(new String(bytes, start, i - start, StandardCharsets.UTF_8), path + ":" + number++);
                results.put(result.config(), result);
                start = i + 1;
            }
        }
        return new Lines(results, start);
    }

    /// Adds a result; on return it is on the disk.
    synchronized void append(Result result) throws IOException {
        ByteBuffer line = StandardCharsets.UTF_8.encode(result.toJson() + "\n");
        while (line.hasRemaining()) {
            file.write(line);
        }
        file.force(true);
        results.put(result.config(), result);
    }

    /// The result of a configuration.
    synchronized Optional<Result> result(String hash) {
        return Optional.ofNullable(results.get(hash));
    }

    /// All results, in their order.
    synchronized List<Result> results() {
        return new ArrayList<>(results.values());
    }

    /// Where a learned tokenizer is kept.
    Path tokenizer(Study study) {
        return root.resolve(study.tokenizer());
    }

    /// Where a training is at work.
    Path run(Trial trial) {
        return run(root, trial);
    }

    /// Where a training is at work, or was.
    public static Path run(Path root, Trial trial) {
        return root.resolve("runs").resolve(trial.hash());
    }

    @Override
    public void close() throws IOException {
        try (lock) {
            file.close();
        }
    }
}
