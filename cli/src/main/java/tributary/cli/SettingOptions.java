package tributary.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;
import tributary.localsgd.run.Setting;

/// The options of `train` that are settings of a run: one for each [Setting], made from it. Their values stay text here;
/// the configuration reads and checks them.
final class SettingOptions {
    private SettingOptions() {}

    static void addTo(CommandSpec command) {
        for (Setting setting : Setting.all()) {
            List<String> choices = setting.kind().contains("|") ? List.of(setting.kind().split("\\|")) : List.of();
            String standard = setting.standard().isEmpty() ? "" : " [" + setting.standard() + "]";
            String only = setting.usedByAll() ? ""
                    : "; " + setting.usedBy().stream().map(Setting::label).collect(Collectors.joining(" and ")) + " only";
            command.addOption(OptionSpec.builder(option(setting))
                    .type(String.class)
                    .paramLabel(setting.kind())
                    .description((setting.help() + only + standard).replace("%", "%%"))
                    .completionCandidates(choices)
                    .build());
        }
    }

    /// The settings given on the command line.
    static Map<String, String> given(ParseResult result) {
        Map<String, String> given = new LinkedHashMap<>();
        for (Setting setting : Setting.all()) {
            if (result.hasMatchedOption(option(setting))) {
                given.put(setting.name(), result.matchedOptionValue(option(setting), ""));
            }
        }
        return given;
    }

    private static String option(Setting setting) {
        return "--" + setting.name();
    }
}
