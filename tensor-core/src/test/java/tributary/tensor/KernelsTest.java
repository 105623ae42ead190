package tributary.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The fast backend against the reference, kernel by kernel; on several threads the same bits as on one.
class KernelsTest {
    private static final Kernels REFERENCE = Kernels.reference();
    private static List<Kernels> crews;

    @BeforeAll
    static void hire() {
        crews = List.of(Kernels.simd(1), Kernels.simd(2), Kernels.simd(3));
        System.out.println("Kernels under test: " + crews.getFirst().description());
    }

    @AfterAll
    static void dismiss() {
        crews.forEach(Kernels::close);
    }

    static List<KernelCase> cases() {
        return KernelCases.all();
    }

    static List<KernelRefusals.Refusal> refusals() {
        return KernelRefusals.all();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void agreesWithTheReferenceOnAnyNumberOfThreads(KernelCase kernelCase) {
        List<Tensor> expected = run(kernelCase, REFERENCE);
        List<Tensor> single = run(kernelCase, crews.getFirst());
        for (int i = 0; i < expected.size(); i++) {
            assertClose(single.get(i), expected.get(i), kernelCase.tolerance());
        }
        for (Kernels crew : crews.subList(1, crews.size())) {
            List<Tensor> several = run(kernelCase, crew);
            for (int i = 0; i < single.size(); i++) {
                Operands.assertSameBits(crew.description(), several.get(i).toArray(), single.get(i).toArray());
            }
        }
    }

    @Test
    void everyKernelHasCasesAndARefusal() {
        Set<String> kernels = Arrays.stream(Kernels.class.getMethods())
                .filter(method -> !Modifier.isStatic(method.getModifiers()))
                .map(Method::getName)
                .filter(name -> !Set.of("description", "threads", "shares", "together", "close").contains(name))
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(cases().stream().map(KernelCase::method).collect(Collectors.toSet())).containsExactlyInAnyOrderElementsOf(kernels);
        kernels.removeAll(Set.of("scale", "squaredNorm")); // a single operand of any shape
        assertThat(refusals().stream().map(KernelRefusals.Refusal::method).collect(Collectors.toSet()))
                .containsExactlyInAnyOrderElementsOf(kernels);
    }

    @Test
    void piecesOfWorkRunOnceEachOnKernelsOfTheirOwn() {
        for (Kernels crew : crews) {
            List<Kernels> shares = crew.shares(3);
            assertThat(shares.stream().mapToInt(Kernels::threads)).allMatch(threads -> threads >= 1);
            Tensor[] sums = {Tensor.zeros(2), Tensor.zeros(2), Tensor.zeros(2)};
            for (int time = 1; time <= 200; time++) {
                crew.together(3, piece -> shares.get(piece).addScaled(piece + 1, Tensor.of(new float[] {1, 2}, 2), sums[piece]));
            }
            for (int piece = 0; piece < 3; piece++) {
                assertThat(sums[piece].toArray()).containsExactly(200f * (piece + 1), 400f * (piece + 1));
            }
            assertThatThrownBy(() -> crew.together(3, piece -> {
                if (piece == 2) {
                    throw new IllegalArgumentException("piece 2");
                }
            })).isInstanceOf(IllegalArgumentException.class).hasMessage("piece 2");
        }
        assertThat(crews.get(2).shares(2).stream().mapToInt(Kernels::threads).sum()).isEqualTo(3);
    }

    @ParameterizedTest
    @MethodSource("refusals")
    void refusesWhatDoesNotFit(KernelRefusals.Refusal refusal) {
        for (Kernels kernels : List.of(REFERENCE, crews.getFirst())) {
            assertThatThrownBy(() -> refusal.call().accept(kernels))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContainingAll(refusal.words());
        }
    }

    private static List<Tensor> run(KernelCase kernelCase, Kernels kernels) {
        Operands operands = new Operands();
        kernelCase.call().apply(operands).accept(kernels);
        operands.checkGuards();
        return operands.outputs();
    }

    private static void assertClose(Tensor actual, Tensor expected, double tolerance) {
        double largest = 0;
        for (int i = 0; i < expected.elements(); i++) {
            largest = Math.max(largest, Math.abs(expected.get(i)));
        }
        for (int i = 0; i < expected.elements(); i++) {
            // written so that NaN fails
            if (!(Math.abs((double) actual.get(i) - expected.get(i)) <= tolerance * largest)) {
                assertThat(actual.get(i)).as("element " + i + " of " + expected.shape() + ", error over the largest %g",
                        Math.abs(actual.get(i) - expected.get(i)) / largest).isEqualTo(expected.get(i));
            }
        }
    }
}
