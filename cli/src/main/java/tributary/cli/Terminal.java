package tributary.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBarConsumer;

/// Who reads the standard error: a person at a terminal, or a file or a pipe.
final class Terminal {
    private static final int STANDARD_ERROR = 2;
    /// Columns of a bar: a narrow terminal's, since how wide this one is, is not asked.
    private static final int BAR_COLUMNS = 79;

    private Terminal() {}

    /// Whether the standard error is a terminal. `java.io.Console` cannot tell: it looks at the other two streams.
    @SuppressWarnings("restricted") // native access is in the manifest
    static boolean isWatched() {
        Linker linker = Linker.nativeLinker();
        Optional<MemorySegment> isatty = linker.defaultLookup().find("isatty").or(() -> linker.defaultLookup().find("_isatty"));
        if (isatty.isEmpty() || "dumb".equals(System.getenv("TERM"))) {
            return false;
        }
        try {
            return (int) linker.downcallHandle(isatty.get(), FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT))
                    .invokeExact(STANDARD_ERROR) != 0;
        } catch (Throwable e) { // MethodHandle's signature; the C function has no way to fail
            throw new IllegalStateException(e);
        }
    }

    /// Where bars that move are drawn. Without it their library opens the terminal through JLine, which hands Ctrl-C back to
    /// the system: the JVM would end at once, and a run without its checkpoint.
    static ProgressBarConsumer bars() {
        return new ConsoleProgressBarConsumer(
                new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8), BAR_COLUMNS);
    }

    /// Whether colours are welcome there, as <https://no-color.org> has it.
    static boolean hasColours() {
        String refused = System.getenv("NO_COLOR");
        return refused == null || refused.isEmpty();
    }
}
