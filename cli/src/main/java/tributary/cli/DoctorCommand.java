package tributary.cli;

import java.io.PrintWriter;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;
import tributary.tensor.Kernels;
import tributary.tensor.SimdSupport;

/// Looks at the machine and the JVM, and says what is slow or missing and what mends it.
@Command(
        name = "doctor",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        description = "Shows what this machine and this JVM can do, what is slow or missing, and what mends it. Takes a few seconds.",
        optionListHeading = "%nOptions:%n")
final class DoctorCommand implements Callable<Integer> {
    /// A matrix product at less than this share of the ceiling is worth a word.
    private static final double GOOD_SHARE = 0.6;
    private static final int SIZE = 768;
    private static final Duration LIMIT = Duration.ofSeconds(8);
    private static final long SMALL_HEAP_MIB = 1024;

    @Spec
    private @Nullable CommandSpec spec;

    @Option(names = "--json", description = "print one JSON object")
    private boolean json;

    @Override
    public Integer call() {
        int processors = Runtime.getRuntime().availableProcessors();
        List<Finding> findings = new ArrayList<>();
        findings.add(java());
        findings.add(compiler());
        GemmSpeed speed;
        try (Kernels kernels = Kernels.simd(processors)) {
            findings.add(simd(kernels));
            speed = GemmSpeed.measure(kernels, SIZE, SIZE, SIZE, LIMIT);
        }
        findings.add(Finding.good("processors", Integer.toString(processors)));
        findings.add(heap());
        findings.add(data());
        findings.add(Gpu.find());
        findings.add(product(speed, processors));
        print(findings, speed, Objects.requireNonNull(spec).commandLine().getOut());
        return 0;
    }

    private static Finding java() {
        return Finding.good("java", Version.ofJava());
    }

    private static Finding compiler() {
        String mode = System.getProperty("java.vm.info", "");
        String compiler = System.getProperty("java.vm.name", "");
        if (!mode.contains("mixed") || !compiler.contains("Server")) {
            return Finding.slow("compiler", compiler + ", " + mode,
                    "the Vector API takes HotSpot's C2 compiler; leave out -Xint and -client, or use another JDK 25");
        }
        return Finding.good("compiler", compiler + ", " + mode);
    }

    private static Finding simd(Kernels kernels) {
        List<String> remarks = SimdSupport.detect().remarks();
        return remarks.isEmpty()
                ? Finding.good("simd", kernels.description())
                : Finding.slow("simd", kernels.description(), String.join("; ", remarks));
    }

    private static Finding heap() {
        long mebibytes = Runtime.getRuntime().maxMemory() >> 20;
        List<String> collectors = ManagementFactory.getGarbageCollectorMXBeans().stream().map(GarbageCollectorMXBean::getName).toList();
        String value = String.format(Locale.ROOT, "%,d MiB at most, collected by %s", mebibytes, String.join(" and ", collectors));
        return mebibytes < SMALL_HEAP_MIB
                ? Finding.slow("heap", value, "larger models take more: TRIBUTARY_JAVA_OPTS=-Xmx4g ./tributary, or java -Xmx4g -jar")
                : Finding.good("heap", value);
    }

    private static Finding data() {
        Path sources = Path.of(System.getProperty("java.home"), "lib", "src.zip");
        return Files.exists(sources)
                ? Finding.good("jdk sources", sources.toString())
                : Finding.missing("jdk sources", "no " + sources + "; train --data jdk takes the JDK's licence texts instead",
                        "use a JDK that has its sources, or install their package (openjdk-25-source), or name a text with --data");
    }

    private static Finding product(GemmSpeed speed, int threads) {
        String value = String.format(Locale.ROOT, "%,.0f GFLOP/s on %d %s, %.0f %% of the %,.0f that multiply-adds alone reach",
                speed.gflops(),
                threads, threads == 1 ? "thread" : "threads", 100 * speed.share(), speed.ceiling());
        return speed.share() < GOOD_SHARE
                ? Finding.slow("matrix product", value, "close other programs that compute, turn power saving off, and measure again")
                : Finding.good("matrix product", value);
    }

    private void print(List<Finding> findings, GemmSpeed speed, PrintWriter out) {
        if (json) {
            ObjectNode object = JsonMapper.shared().createObjectNode();
            findings.forEach(finding -> finding.putInto(object));
            ObjectNode product = (ObjectNode) object.get("matrix_product");
            product.put("gflops", speed.gflops());
            product.put("ceiling_gflops", speed.ceiling());
            product.put("share", speed.share());
            out.println(object);
            return;
        }
        Table table = new Table();
        for (Finding finding : findings) {
            table.row(finding.name(), "%s", finding.value());
        }
        table.print(out);
        out.println();
        List<Finding> wanting = findings.stream().filter(finding -> finding.state() != Finding.State.GOOD).toList();
        if (wanting.isEmpty()) {
            out.println("Nothing is slow and nothing is missing.");
        }
        for (Finding finding : wanting) {
            out.println(finding.state().name().toLowerCase(Locale.ROOT) + ": " + finding.name() + ". What mends it: " + finding.mend());
        }
    }
}
