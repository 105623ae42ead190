package tributary.tensor.simd;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// The size of a core's second cache, which says how much of an operand can wait there. It is looked up, not found out by
/// timing: a busy machine would have kernels cut their work otherwise in every run.
final class SecondCache {
    private static final Path LINUX = Path.of("/sys/devices/system/cpu/cpu0/cache/index2/size");
    /// Where the system does not say.
    private static final int USUAL = 1 << 20;

    static final int BYTES = bytes();

    private SecondCache() {}

    private static int bytes() {
        try {
            return parse(Files.readString(LINUX));
        } catch (IOException | SecurityException e) {
            return USUAL;
        }
    }

    /// Such as `2048K` or `2M`.
    static int parse(String size) {
        String text = size.strip();
        int unit = text.endsWith("K") ? 1 << 10 : text.endsWith("M") ? 1 << 20 : 1;
        try {
            int bytes = Math.multiplyExact(Integer.parseInt(unit == 1 ? text : text.substring(0, text.length() - 1)), unit);
            return bytes > 0 ? bytes : USUAL;
        } catch (NumberFormatException | ArithmeticException e) {
            return USUAL;
        }
    }
}
