package tributary.tensor.simd;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.ManagementFactory;
import java.util.Locale;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/// The vector width of this process, chosen once: by `-Dtributary.simd=512|256|128|scalar`, else the widest the
/// machine has.
final class Lanes {
    /// The species of every kernel. In scalar mode it is never used: [#bound(int)] is 0 and the scalar tail does all.
    static final VectorSpecies<Float> F;

    /// Whether plain scalar loops compute, because the machine has no vectors worth using or the user said so.
    static final boolean SCALAR;

    /// Whether the hardware multiplies and adds in one rounding. Without it `fma` is emulated, hundreds of times slower.
    static final boolean FMA = Boolean.parseBoolean(option("UseFMA"));

    static {
        String wish = System.getProperty("tributary.simd", "auto").toLowerCase(Locale.ROOT);
        SCALAR = wish.equals("scalar");
        F = switch (wish) {
            case "auto", "scalar" -> FloatVector.SPECIES_PREFERRED;
            case "512" -> FloatVector.SPECIES_512;
            case "256" -> FloatVector.SPECIES_256;
            case "128" -> FloatVector.SPECIES_128;
            default -> throw new IllegalArgumentException("-Dtributary.simd=" + wish + ": use auto, 512, 256, 128 or scalar");
        };
    }

    private Lanes() {}

    /// The largest multiple of the vector length that is at most n; 0 in scalar mode.
    static int bound(int n) {
        return SCALAR ? 0 : F.loopBound(n);
    }

    private static String option(String name) {
        return ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class).getVMOption(name).getValue();
    }
}
