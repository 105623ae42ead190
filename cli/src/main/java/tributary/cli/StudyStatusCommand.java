package tributary.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;
import tributary.localsgd.study.Figures;
import tributary.localsgd.study.Result;
import tributary.localsgd.study.Store;
import tributary.localsgd.study.Study;
import tributary.localsgd.study.Trial;

/// Says how far a study is, also while another process runs it.
@Command(
        name = "status",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description = "Says how far a study is, also while another process runs it, and what its best losses are.")
final class StudyStatusCommand implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    @Mixin
    private StudyCommand.Named named = new StudyCommand.Named();

    @Option(names = "--json", description = "as one JSON object")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
        Study study = named.study();
        Map<String, Result> stored = Store.read(named.store());
        List<Result> done = new ArrayList<>();
        int atWork = 0;
        double doneFlops = 0;
        double allFlops = 0;
        for (Trial trial : study.trials()) {
            Result result = stored.get(trial.hash());
            allFlops += trial.leastFlops();
            if (result != null) {
                done.add(result);
                doneFlops += trial.leastFlops();
            } else if (Files.exists(Store.run(named.store(), trial))) {
                atWork++;
            }
        }
        int waiting = study.trials().size() - done.size() - atWork;
        if (json) {
            ObjectNode object = JsonMapper.shared().createObjectNode();
            object.put("trainings", study.trials().size()).put("done", done.size()).put("at_work", atWork).put("waiting", waiting)
                    .put("share_of_compute", doneFlops / allFlops);
            for (Result best : Best.of(done).values()) {
                object.withArray("best").addObject().put("parameters", best.parameters()).put("loss", best.loss().orElseThrow())
                        .put("algorithm", best.algorithm()).put("replicas", best.replicas()).put("local_steps", best.localSteps())
                        .put("config", best.config());
            }
            out.println(object);
            return 0;
        }
        Table table = new Table();
        table.row("done", "%d of %d trainings, %.1f %% of the compute (%s of %s, 6ND)", done.size(), study.trials().size(),
                100 * doneFlops / allFlops, Figures.count(doneFlops), Figures.count(allFlops));
        table.row("begun", "%d", atWork);
        table.row("waiting", "%d", waiting);
        for (Result best : Best.of(done).values()) {
            table.row("best at " + Figures.count(best.parameters()), "%.4f   %s", best.loss().orElseThrow(), Best.how(best));
        }
        table.print(out);
        return 0;
    }
}
