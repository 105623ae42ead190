package tributary.cli;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// What there is to do with tokenizers.
@Command(
        name = "tokenizer",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description = "Makes tokenizers.",
        subcommands = TokenizerTrainCommand.class)
final class TokenizerCommand implements Runnable {
    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(Objects.requireNonNull(spec).commandLine(), "a command is missing: tokenizer train");
    }
}
