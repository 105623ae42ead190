package tributary.tensor.simd;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.ManagementFactory;
import java.util.Locale;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;
import org.jspecify.annotations.Nullable;

/// The vector width of this process, chosen once: by `-Dtributary.simd=512|256|128|scalar`, else the widest the
/// machine has.
final class Lanes {
    /// The species of every kernel. In scalar mode it is never used: [#bound(int)] is 0 and the scalar tail does all.
    static final VectorSpecies<Float> F;

    /// The species of whole numbers, as many as of floats.
    static final VectorSpecies<Integer> I;

    /// Lanes in a vector.
    static final int LENGTH;

    /// Whether plain scalar loops compute, because the machine has no vectors worth using or the user said so.
    static final boolean SCALAR;

    /// Whether the hardware multiplies and adds in one rounding. Without it `fma` is emulated, hundreds of times slower:
    /// then no vectors are used, and [#fma(float, float, float)] takes two roundings.
    static final boolean FMA = Boolean.parseBoolean(option("UseFMA", "false"));

    /// Whether the optimizing compiler runs, without which every vector is an object on the heap.
    static final boolean COMPILED = compiled();

    /// Whether comparing and blending vectors is done by instructions. On x86 that needs AVX; without it each is an object
    /// on the heap, far slower than scalar loops.
    static final boolean MASKS = !option("UseAVX", "absent").equals("0");

    /// What stops this process from computing at the width it was asked for, or null.
    static final @Nullable String REFUSAL;

    static {
        String wish = System.getProperty("tributary.simd", "auto").toLowerCase(Locale.ROOT);
        VectorSpecies<Float> widest = FloatVector.SPECIES_PREFERRED;
        VectorSpecies<Float> wanted = switch (wish) {
            case "512" -> FloatVector.SPECIES_512;
            case "256" -> FloatVector.SPECIES_256;
            case "128" -> FloatVector.SPECIES_128;
            default -> widest;
        };
        boolean known = switch (wish) {
            case "auto", "scalar", "512", "256", "128" -> true;
            default -> false;
        };
        if (!known) {
            REFUSAL = "-Dtributary.simd=" + wish + " is unknown; use auto, 512, 256, 128 or scalar";
        } else if (wanted.length() > widest.length()) {
            REFUSAL = "-Dtributary.simd=" + wish + ": this JVM has vectors of " + widest.vectorBitSize() + " bits at most; use auto or "
                    + widest.vectorBitSize() + ", or lift -XX:UseAVX and -XX:MaxVectorSize where they are set";
        } else if (!FMA && !wish.equals("auto") && !wish.equals("scalar")) {
            REFUSAL = "-Dtributary.simd=" + wish + ": this JVM has no fused multiply-add, without which vectors are slower than scalar"
                    + " loops; use auto or scalar, or lift -XX:-UseFMA and -XX:UseAVX where they are set";
        } else {
            REFUSAL = null;
        }
        SCALAR = wish.equals("scalar") || wish.equals("auto") && !(COMPILED && MASKS && FMA);
        F = wanted;
        I = VectorSpecies.of(int.class, VectorShape.forBitSize(F.vectorBitSize()));
        LENGTH = F.length();
    }

    private Lanes() {}

    /// The largest multiple of the vector length that is at most n; 0 in scalar mode.
    static int bound(int n) {
        return SCALAR ? 0 : F.loopBound(n);
    }

    /// a b + c, in one rounding where the hardware has it.
    static FloatVector fma(FloatVector a, FloatVector b, FloatVector c) {
        return FMA ? a.fma(b, c) : a.mul(b).add(c);
    }

    /// a b + c, in one rounding where the hardware has it.
    static float fma(float a, float b, float c) {
        return FMA ? Math.fma(a, b, c) : a * b + c;
    }

    /// Stores a number, or adds it to what is there.
    static void put(float value, boolean accumulate, float[] array, int index) {
        array[index] = accumulate ? array[index] + value : value;
    }

    /// The sum of [#LENGTH] lanes in a fixed order; `reduceLanes` promises none, and compiled code and interpreter differ.
    static float sum(float[] lanes) {
        float a = lanes[0];
        float b = lanes[1];
        float c = lanes[2];
        float d = lanes[3];
        for (int i = 4; i < LENGTH; i += 4) {
            a += lanes[i];
            b += lanes[i + 1];
            c += lanes[i + 2];
            d += lanes[i + 3];
        }
        return (a + b) + (c + d);
    }

    private static boolean compiled() {
        return System.getProperty("java.vm.info", "").startsWith("mixed")
                && option("TieredStopAtLevel", "4").equals("4")
                && option("EnableVectorSupport", "true").equals("true");
    }

    private static String option(String name, String absent) {
        try {
            return ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class).getVMOption(name).getValue();
        } catch (IllegalArgumentException unknownToThisMachine) {
            return absent;
        }
    }
}
