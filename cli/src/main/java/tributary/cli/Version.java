package tributary.cli;

import java.util.Objects;
import picocli.CommandLine.IVersionProvider;

/// The version of the jar and of the Java it runs on.
final class Version implements IVersionProvider {

    static String ofTributary() {
        return Objects.requireNonNullElse(Version.class.getPackage().getImplementationVersion(), "(unpacked classes)");
    }

    static String ofJava() {
        return System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version") + " (" + System.getProperty("java.home")
                + ")";
    }

    @Override
    public String[] getVersion() {
        return new String[] {"tributary " + ofTributary(), ofJava()};
    }
}
