package tributary.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StartJarTest {

    @TempDir
    Path folder;

    @Test
    void theJarStartsWithoutFlagsAndWithoutWarnings() throws Exception {
        Shell doctor = Jar.run(folder, "doctor", "doctor", "--json");
        assertThat(doctor.err()).isEmpty();
        assertThat(doctor.exitCode()).isZero();
        assertThat(doctor.json().get("simd").get("value").asString()).startsWith("simd ");
    }

    @Test
    void onAClassPathItStartsASecondJvmWithTheFlag() throws Exception {
        List<String> command = List.of(Jar.JAVA.toString(), "-cp", Jar.FILE.toString(), "tributary.cli.Main", "doctor", "--json");
        Shell doctor = Jar.finish(folder, "second", Jar.start(folder, "second", command));
        assertThat(doctor.exitCode()).isZero();
        assertThat(doctor.json().get("simd").get("value").asString()).startsWith("simd ");
    }

    @Test
    void theSecondJvmsExitCodeIsTheFirstOnes() throws Exception {
        List<String> command = List.of(Jar.JAVA.toString(), "-cp", Jar.FILE.toString(), "tributary.cli.Main", "train", "--layers", "0");
        Shell refused = Jar.finish(folder, "refused", Jar.start(folder, "refused", command));
        assertThat(refused.exitCode()).isEqualTo(2);
        assertThat(refused.err()).contains("layers 0 is not positive");
    }

    @Test
    void theLauncherRunsTheJar() throws Exception {
        String launcher = System.getProperty("tributary.launcher");
        ProcessBuilder builder = new ProcessBuilder(launcher, "--version").redirectErrorStream(true);
        builder.environment().put("TRIBUTARY_JAVA_HOME", System.getProperty("java.home"));
        Process process = builder.start();
        assertThat(new String(process.getInputStream().readAllBytes())).startsWith("tributary ").contains(System.getProperty("java.home"));
        assertThat(process.waitFor()).isZero();
    }

    @Test
    void theLauncherNamesAWrongJdk() throws Exception {
        ProcessBuilder builder = new ProcessBuilder(System.getProperty("tributary.launcher"), "--version").redirectErrorStream(true);
        builder.environment().put("TRIBUTARY_JAVA_HOME", folder.toString());
        Process process = builder.start();
        assertThat(new String(process.getInputStream().readAllBytes()))
                .isEqualTo("tributary: TRIBUTARY_JAVA_HOME is " + folder + ", which is no JDK 25 or later\n");
        assertThat(process.waitFor()).isEqualTo(1);
    }

    @Test
    void theProgramInTheReadmeTrainsAndWritesText() throws Exception {
        Path readme = Path.of(System.getProperty("tributary.launcher")).resolveSibling("README.md");
        Path program = Files.writeString(folder.resolve("First.java"), programIn(readme));
        List<String> command = List.of(Jar.JAVA.toString(), "--add-modules", "jdk.incubator.vector", "-cp", Jar.FILE.toString(),
                program.toString());
        Shell first = Jar.finish(folder, "first", Jar.start(folder, "first", command));
        assertThat(first.err().lines()).allMatch(line -> line.contains("Using incubator modules"));
        assertThat(first.exitCode()).isZero();
        assertThat(first.out()).startsWith("validation loss ").contains("public ").hasSizeGreaterThan(150);
    }

    private static String programIn(Path readme) throws IOException {
        Matcher block = Pattern.compile("```java\\R(.*?)```", Pattern.DOTALL).matcher(Files.readString(readme));
        assertThat(block.find()).as("a Java program in " + readme).isTrue();
        return block.group(1);
    }
}
