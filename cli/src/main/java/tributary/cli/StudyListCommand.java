package tributary.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;
import tributary.localsgd.run.RunConfig;
import tributary.localsgd.run.Setting;
import tributary.localsgd.study.Figures;
import tributary.localsgd.study.Result;
import tributary.localsgd.study.Store;
import tributary.localsgd.study.Study;
import tributary.localsgd.study.Trial;

/// Lists a study's trainings.
@Command(
        name = "list",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description = {"Lists the trainings of a study, with what came of them.",
            "6ND is the least compute: six operations a token and parameter, the head not counted."})
final class StudyListCommand implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    @Mixin
    private StudyCommand.Named named = new StudyCommand.Named();

    @Override
    public Integer call() throws IOException {
        PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
        Study study = named.study();
        Path store = named.store();
        Map<String, Result> results = Store.read(store);
        Columns table = new Columns(
                List.of("config", "grid", "N", "shape", "algorithm", "M", "H", "D", "steps", "batch", "lr", "seed", "6ND", "loss"));
        double flops = 0;
        int done = 0;
        for (Trial trial : study.trials()) {
            RunConfig config = trial.config();
            flops += trial.leastFlops();
            Result result = results.get(trial.hash());
            done += result == null ? 0 : 1;
            table.line(List.of(
                    trial.hash(), trial.grid(), Figures.count(trial.size().parameters()),
                    trial.size().layers() + "x" + trial.size().width(), Setting.label(config.algorithm()),
                    Integer.toString(config.replicas()), Integer.toString(config.localSteps()), Figures.count(trial.tokens()),
                    Integer.toString(config.steps()), Long.toString(trial.batchTokens()),
                    Setting.named("lr").orElseThrow().valueIn(config), Long.toString(config.seed()), Figures.count(trial.leastFlops()),
                    result == null ? Files.exists(Store.run(store, trial)) ? "at work" : "" : loss(result)));
        }
        table.print(out);
        out.println();
        out.println(study.trials().size() + " trainings, " + done + " done; 6ND is " + Figures.count(flops) + " in all");
        return 0;
    }

    private static String loss(Result result) {
        return result.loss().isPresent() ? String.format(Locale.ROOT, "%.4f", result.loss().getAsDouble()) : "diverged";
    }
}
