package tributary.cli;

import java.io.PrintWriter;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tributary.localsgd.run.AlgorithmName;
import tributary.localsgd.run.Setting;

/// Lists the algorithms with their papers, the settings of their own and the standard values.
@Command(
        name = "algorithms",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description = "Lists what train --algorithm takes: what it does, its paper, its settings and their standard values.")
final class AlgorithmsCommand implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    @Option(names = "--json", description = "as a JSON array of objects")
    private boolean json;

    @Override
    public Integer call() {
        PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
        if (json) {
            out.println(toJson());
            return 0;
        }
        for (AlgorithmName algorithm : AlgorithmName.values()) {
            out.println();
            out.println(Setting.label(algorithm));
            out.println("  " + algorithm.summary() + " (" + algorithm.paper() + ")");
            Table settings = new Table();
            for (Setting setting : algorithm.settings()) {
                String standard = algorithm.standard(setting);
                settings.row("  --" + setting.name() + (standard.isEmpty() ? "" : " " + standard), "%s", setting.help());
            }
            settings.print(out);
        }
        return 0;
    }

    private static ArrayNode toJson() {
        ArrayNode list = JsonMapper.shared().createArrayNode();
        for (AlgorithmName algorithm : AlgorithmName.values()) {
            ObjectNode settings = list.addObject()
                    .put("name", Setting.label(algorithm))
                    .put("summary", algorithm.summary())
                    .put("paper", algorithm.paper())
                    .putObject("settings");
            algorithm.settings().forEach(setting -> settings.put(setting.name(), algorithm.standard(setting)));
        }
        return list;
    }
}
