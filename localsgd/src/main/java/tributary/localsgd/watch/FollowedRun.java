package tributary.localsgd.watch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tributary.localsgd.run.Run;
import tributary.localsgd.run.RunConfig;

/// One run as it is seen from outside: tells an [EventLog] what its folder says.
///
/// Events: `run`, its name; `settings`, once they are known; `points`, lines of its metrics as they are in the file, thinned out
/// to about a given number over the whole run; `rewind`, that the lines after a step no longer count, because the run was resumed
/// from an earlier checkpoint. State: the newest line, whether the run goes on, and when it ends at its present speed.
final class FollowedRun {
    /// A run that has not written for so long, and for so many times as long as it usually takes, no longer counts as training.
    private static final Duration QUIET = Duration.ofSeconds(60);
    private static final int QUIET_LINES = 10;
    /// Lines over which the speed is measured.
    private static final int RECENT = 20;

    private record Line(int step, double elapsedSeconds) {}

    private final int number;
    private final Path folder;
    private final int points;
    private final EventLog log;
    private final Path file;
    private final Tail metrics;
    /// The step of each line read, that of the line before where there is none.
    private final List<Integer> steps = new ArrayList<>();
    private final Deque<Line> recent = new ArrayDeque<>();
    private @Nullable RunConfig config;
    private Optional<String> problem = Optional.empty();
    private JsonNode newest = JsonMapper.shared().createObjectNode();
    private int unreadable;

    /// @param number in the order of discovery, from 0
    /// @param name for people
    /// @param points how many of its steps, about, are shown
    FollowedRun(int number, Path folder, String name, int points, EventLog log) {
        this.number = number;
        this.folder = folder;
        this.points = points;
        this.log = log;
        this.file = folder.resolve("metrics.jsonl");
        this.metrics = new Tail(file);
        log.add("run", event().put("name", name));
    }

    /// Reads what is new.
    void follow() {
        try {
            if (config == null) {
                config = Run.configuration(folder);
                announce(config);
            }
            Tail.Change change = metrics.read();
            while (change.kept() < steps.size() || !change.added().isEmpty()) {
                if (change.kept() < steps.size()) {
                    rewind(change.kept());
                }
                add(change.added(), config);
                change = metrics.read();
            }
            problem = Optional.empty();
        } catch (IOException | IllegalArgumentException e) { // the next look may find it mended
            problem = Optional.of(e.getMessage() == null ? e.toString() : e.getMessage());
        }
        log.state("run " + number, state());
    }

    private void announce(RunConfig found) {
        ObjectNode settings = JsonMapper.shared().createObjectNode();
        found.settings().forEach(settings::put);
        log.add("settings", event().set("settings", settings));
    }

    private ObjectNode event() {
        return JsonMapper.shared().createObjectNode().put("run", number);
    }

    private void rewind(int kept) {
        int step = kept == 0 ? 0 : steps.get(kept - 1);
        steps.subList(kept, steps.size()).clear();
        recent.removeIf(line -> line.step > step);
        newest = JsonMapper.shared().createObjectNode().put("step", step);
        log.add("rewind", event().put("step", step));
    }

    private void add(List<String> lines, RunConfig settings) {
        int stride = Math.max(1, settings.steps() / points);
        ArrayNode shown = JsonMapper.shared().createArrayNode();
        for (String text : lines) {
            int before = steps.isEmpty() ? 0 : steps.getLast();
            Optional<JsonNode> line = parse(text);
            int step = line.map(found -> found.get("step").asInt()).orElse(before);
            steps.add(step);
            if (line.isEmpty()) {
                unreadable++;
                continue;
            }
            newest = line.get();
            if (newest.has("val_loss") || before == 0 || step / stride > before / stride) {
                shown.add(newest);
            }
            recent.addLast(new Line(step, newest.path("elapsed_seconds").asDouble(0)));
            if (recent.size() > RECENT) {
                recent.removeFirst();
            }
        }
        if (!shown.isEmpty()) {
            log.add("points", event().set("lines", shown));
        }
    }

    private static Optional<JsonNode> parse(String text) {
        try {
            JsonNode line = JsonMapper.shared().readTree(text);
            return line.path("step").isInt() ? Optional.of(line) : Optional.empty();
        } catch (JacksonException e) {
            return Optional.empty();
        }
    }

    private ObjectNode state() {
        Optional<Instant> written = lastWritten();
        Activity activity = activity(written);
        ObjectNode state = event().put("activity", activity.name().toLowerCase(Locale.ROOT));
        state.set("line", newest);
        if (activity == Activity.TRAINING) {
            secondsLeft().ifPresent(seconds -> state.put("seconds_left", seconds));
        }
        written.ifPresent(moment -> state.put("written", moment.toEpochMilli()));
        if (unreadable > 0) {
            state.put("unreadable_lines", unreadable);
        }
        problem.ifPresent(text -> state.put("problem", text));
        return state;
    }

    private enum Activity { WAITING, TRAINING, QUIET, FINISHED }

    private Activity activity(Optional<Instant> written) {
        if (config == null || steps.isEmpty() || written.isEmpty()) {
            return Activity.WAITING;
        }
        if (steps.getLast() >= config.steps()) {
            return Activity.FINISHED;
        }
        double usual = recent.size() < 2 ? 0
                : (recent.getLast().elapsedSeconds - recent.getFirst().elapsedSeconds) / (recent.size() - 1);
        double patience = Math.max(QUIET.toSeconds(), QUIET_LINES * usual);
        return Duration.between(written.get(), Instant.now()).toSeconds() > patience ? Activity.QUIET : Activity.TRAINING;
    }

    private Optional<Instant> lastWritten() {
        try {
            return Optional.of(Files.getLastModifiedTime(file).toInstant());
        } catch (IOException e) {
            return Optional.empty(); // not there yet
        }
    }

    /// At the speed of the newest lines, evaluation and checkpoints included.
    private OptionalDouble secondsLeft() {
        if (config == null || recent.isEmpty()) {
            return OptionalDouble.empty();
        }
        Line from = recent.size() == 1 ? new Line(0, 0) : recent.getFirst();
        Line to = recent.getLast();
        return to.step == from.step ? OptionalDouble.empty()
                : OptionalDouble.of((config.steps() - to.step) * (to.elapsedSeconds - from.elapsedSeconds) / (to.step - from.step));
    }
}
