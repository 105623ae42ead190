package tributary.cli;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;

/// Who reads the standard error: a person at a terminal, or a file or a pipe.
final class Terminal {
    private static final int STANDARD_ERROR = 2;

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

    /// Whether colours are welcome there, as <https://no-color.org> has it.
    static boolean hasColours() {
        String refused = System.getenv("NO_COLOR");
        return refused == null || refused.isEmpty();
    }
}
