package tributary.tensor.simd;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.ManagementFactory;
import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tributary.tensor.Kernels;
import tributary.tensor.SimdSupport;

/// This process computes at the width it was started for. A build on a machine where vectors fail to show up fails here,
/// instead of testing plain loops and reporting success.
class LanesTest {

    @Test
    void theProcessComputesAtItsWidth() {
        int widest = FloatVector.SPECIES_PREFERRED.vectorBitSize();
        String wish = System.getProperty("tributary.simd", "auto");
        SimdSupport support = SimdSupport.detect();
        System.out.println("Wish " + wish + ", widest " + widest + " bits, chosen " + support);
        boolean scalar = wish.equals("scalar") || wish.equals("auto") && withoutAvx();
        assertThat(support.scalar()).isEqualTo(scalar);
        assertThat(support.bits()).isEqualTo(scalar ? 32 : wish.equals("auto") ? widest : Integer.parseInt(wish));
        assertThat(support.fma()).isEqualTo(!withoutAvx());
        boolean narrowed = Lanes.isSet("UseAVX");
        assertThat(support.remarks().isEmpty()).isEqualTo(!narrowed && (wish.equals("auto") || support.bits() == widest));
        try (Kernels kernels = Kernels.simd(2)) {
            String width = scalar ? "scalar" : support.bits() + "-bit";
            assertThat(kernels.description()).isEqualTo("simd " + width + (support.fma() ? " fma" : "") + ", 2 threads");
        }
    }

    private static boolean withoutAvx() {
        if (!System.getProperty("os.arch").equals("amd64")) {
            return false;
        }
        return ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class).getVMOption("UseAVX").getValue().equals("0");
    }

    @ParameterizedTest
    @CsvSource({
        "auto, 512, true, true, 512, false",
        "auto, 256, true, true, 256, false",
        "auto, 512, false, true, 512, true",
        "auto, 128, false, false, 128, true",
        "scalar, 512, true, true, 512, true",
        "256, 512, true, true, 256, false",
        "128, 128, false, true, 128, false"
    })
    void choosesTheWidestOrTheWish(String wish, int widest, boolean worthwhile, boolean fused, int bits, boolean scalar) {
        assertThat(LaneChoice.of(wish, widest, worthwhile, fused)).isEqualTo(new LaneChoice(bits, scalar, null));
    }

    @ParameterizedTest
    @CsvSource({
        "512, 256, true, 'vectors of 256 bits at most; use auto or 256'",
        "256, 256, false, 'no fused multiply-add'",
        "1024, 512, true, '-Dtributary.simd=1024 is unknown; use auto, 512, 256, 128 or scalar'"
    })
    void refusesWhatTheMachineDoesNotHave(String wish, int widest, boolean fused, String words) {
        assertThat(LaneChoice.of(wish, widest, true, fused).refusal()).contains(words).contains("use ");
    }
}
