package tributary.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;
import tributary.localsgd.run.AlgorithmName;
import tributary.localsgd.run.Setting;
import tributary.model.data.TokenizedCorpus;

/// The options of `train` that are settings of a run: one for each [Setting], made from it. Their values stay text here;
/// the configuration reads and checks them.
final class SettingOptions {
    /// May be given several times.
    private static final String DATA = "data";

    private SettingOptions() {}

    static void addTo(CommandSpec command) {
        for (Setting setting : Setting.all()) {
            List<String> choices = setting.kind().contains("|") ? List.of(setting.kind().split("\\|")) : List.of();
            String standard = standard(setting);
            command.addOption(OptionSpec.builder(option(setting))
                    .type(setting.name().equals(DATA) ? List.class : String.class)
                    .auxiliaryTypes(String.class)
                    .paramLabel(setting.kind())
                    .description((setting.help() + standard).replace("%", "%%"))
                    .completionCandidates(choices)
                    .build());
        }
    }

    /// The standard value in brackets; of a setting of some algorithms, each one's.
    private static String standard(Setting setting) {
        if (!setting.special()) {
            return setting.standard().isEmpty() ? "" : " [" + setting.standard() + "]";
        }
        Map<String, List<String>> users = new LinkedHashMap<>();
        for (AlgorithmName algorithm : setting.usedBy()) {
            users.computeIfAbsent(algorithm.standard(setting), value -> new ArrayList<>()).add(Setting.label(algorithm));
        }
        return users.entrySet().stream()
                .map(entry -> (entry.getKey().isEmpty() ? "" : entry.getKey() + " in ") + String.join(", ", entry.getValue()))
                .collect(Collectors.joining("; ", " [", "]"));
    }

    /// The settings given on the command line.
    static Map<String, String> given(ParseResult result) {
        Map<String, String> given = new LinkedHashMap<>();
        for (Setting setting : Setting.all()) {
            if (result.hasMatchedOption(option(setting))) {
                given.put(setting.name(), setting.name().equals(DATA)
                        ? TokenizedCorpus.several(result.matchedOptionValue(option(setting), List.<String>of()))
                        : result.matchedOptionValue(option(setting), ""));
            }
        }
        return given;
    }

    private static String option(Setting setting) {
        return "--" + setting.name();
    }
}
