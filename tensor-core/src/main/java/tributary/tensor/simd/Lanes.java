package tributary.tensor.simd;

import com.sun.management.HotSpotDiagnosticMXBean;
import com.sun.management.VMOption;
import java.lang.management.ManagementFactory;
import java.util.Locale;
import java.util.Set;
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

    /// Whether `VarHandle.loadLoadFence()` is no instruction, as on x86, where loads take effect in their order. To the compiler it is a
    /// line that no load crosses: a loop that only reads goes through memory as it is written, instead of taking what the compiler
    /// has unrolled back to front, which the processor does not fetch ahead of.
    static final boolean FENCED = Set.of("amd64", "x86_64").contains(System.getProperty("os.arch"));

    /// What stops this process from computing at the width it was asked for, or null.
    static final @Nullable String REFUSAL;

    static {
        String wish = System.getProperty("tributary.simd", "auto").toLowerCase(Locale.ROOT);
        LaneChoice choice = LaneChoice.of(wish, FloatVector.SPECIES_PREFERRED.vectorBitSize(), COMPILED && MASKS && FMA, FMA);
        VectorShape shape = VectorShape.forBitSize(choice.bits());
        REFUSAL = choice.refusal();
        SCALAR = choice.scalar();
        F = VectorSpecies.of(float.class, shape);
        I = VectorSpecies.of(int.class, shape);
        LENGTH = F.length();
    }

    private Lanes() {}

    /// The largest multiple of the vector length that is at most n; 0 in scalar mode.
    static int bound(int n) {
        return SCALAR ? 0 : F.loopBound(n);
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
        VMOption option = option(name);
        return option == null ? absent : option.getValue();
    }

    /// Whether a flag of the JVM was set by the user.
    static boolean isSet(String name) {
        VMOption option = option(name);
        return option != null && option.getOrigin() != VMOption.Origin.DEFAULT && option.getOrigin() != VMOption.Origin.ERGONOMIC;
    }

    private static @Nullable VMOption option(String name) {
        try {
            return ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class).getVMOption(name);
        } catch (IllegalArgumentException unknownToThisMachine) {
            return null;
        }
    }
}
