package tributary.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tributary.localsgd.run.Setting;
import tributary.localsgd.study.Arm;
import tributary.localsgd.study.Result;
import tributary.localsgd.study.Store;
import tributary.localsgd.study.Trial;

/// Puts a study's ways of training beside each other.
@Command(
        name = "compare",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        description = {"Puts ways of training beside each other: a line for what differs in its seed alone, with the mean loss and its "
                + "standard error.",
            "The distance from --against is taken within each seed, then averaged: what a seed does to both drops out."})
final class StudyCompareCommand implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    @Mixin
    private StudyCommand.Named named = new StudyCommand.Named();

    @Option(names = "--grid", paramLabel = "NAME", split = ",", description = "grids to show, separated by commas [all]")
    private List<String> grids = new ArrayList<>();

    @Option(names = "--against", paramLabel = "NAME",
            description = "a grid; of each size and budget its way with the lowest mean loss is what the others are measured by")
    private @Nullable String against;

    @Override
    public Integer call() throws IOException {
        PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
        List<Trial> trials = named.study().trials();
        List<String> known = trials.stream().map(Trial::grid).distinct().toList();
        List<String> shown = grids.isEmpty() ? known : grids;
        for (String name : against == null ? shown : Stream.concat(shown.stream(), Stream.of(against)).toList()) {
            if (!known.contains(name)) {
                throw new IllegalArgumentException(
                        "there is no grid " + name + " in the study; the nearest is " + Setting.nearest(known, name));
            }
        }
        Map<String, Result> stored = Store.read(named.existingStore());
        List<Arm> all = Arm.of(trials.stream().map(trial -> stored.get(trial.hash())).filter(Objects::nonNull).toList());
        List<Arm> arms = all.stream().filter(arm -> arm.grids().stream().anyMatch(shown::contains)).toList();
        List<String> telling = Arm.telling(arms);
        List<String> names = new ArrayList<>(List.of("grid"));
        names.addAll(telling);
        names.addAll(List.of("seeds", "loss", "error"));
        if (against != null) {
            names.addAll(List.of("above %", "error %"));
        }
        Columns table = new Columns(names);
        for (Arm arm : arms) {
            List<String> line = new ArrayList<>(List.of(String.join(", ", arm.grids())));
            telling.forEach(setting -> line.add(arm.settings().getOrDefault(setting, "")));
            line.add(arm.losses().size() + (arm.diverged() > 0 ? ", " + arm.diverged() + " diverged" : ""));
            cells(line, arm.loss(), 1, "%.4f", "%.4f");
            if (against != null) {
                cells(line, arm.reference(all, against).flatMap(arm::above), 100, "%+.2f", "%.2f");
            }
            table.line(line);
        }
        table.print(out);
        return 0;
    }

    private static void cells(List<String> line, Optional<Arm.Estimate> estimate, double times, String mean, String error) {
        OptionalDouble spread = estimate.map(Arm.Estimate::error).orElse(OptionalDouble.empty());
        line.add(estimate.map(it -> String.format(Locale.ROOT, mean, times * it.mean())).orElse(""));
        line.add(spread.isPresent() ? String.format(Locale.ROOT, error, times * spread.getAsDouble()) : "");
    }
}
