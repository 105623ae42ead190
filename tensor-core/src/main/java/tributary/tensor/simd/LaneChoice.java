package tributary.tensor.simd;

import org.jspecify.annotations.Nullable;

/// Which vectors to compute with.
///
/// @param bits the width of a vector; in scalar mode of no meaning
/// @param scalar whether plain loops compute
/// @param refusal why the wish cannot be met and what mends it, or null
record LaneChoice(int bits, boolean scalar, @Nullable String refusal) {

    /// Chooses from the user's wish and what the JVM offers.
    ///
    /// @param wish `auto`, `scalar`, `512`, `256` or `128`
    /// @param widest the widest vectors the JVM has, in bits
    /// @param worthwhile whether vectors are faster than plain loops here: the optimizing compiler runs, vectors are
    ///     compared and blended by instructions, and multiply-add is one
    /// @param fused whether multiply-add is one instruction
    static LaneChoice of(String wish, int widest, boolean worthwhile, boolean fused) {
        return switch (wish) {
            case "auto" -> new LaneChoice(widest, !worthwhile, null);
            case "scalar" -> new LaneChoice(widest, true, null);
            case "512", "256", "128" -> {
                int bits = Integer.parseInt(wish);
                if (bits > widest) {
                    yield refuse(widest, "-Dtributary.simd=" + wish + ": this JVM has vectors of " + widest + " bits at most; use auto or "
                            + widest + ", or lift -XX:UseAVX and -XX:MaxVectorSize where they are set");
                }
                if (!fused) {
                    yield refuse(widest, "-Dtributary.simd=" + wish + ": this JVM has no fused multiply-add, which vectors need;"
                            + " use auto or scalar, or lift -XX:-UseFMA and -XX:UseAVX where they are set");
                }
                yield new LaneChoice(bits, false, null);
            }
            default -> refuse(widest, "-Dtributary.simd=" + wish + " is unknown; use auto, 512, 256, 128 or scalar");
        };
    }

    private static LaneChoice refuse(int widest, String why) {
        return new LaneChoice(widest, true, why);
    }
}
