package tributary.cli;

import java.io.File;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;

/// Where the jar starts: makes sure that the JVM is new enough and has the Vector API, then hands over to the command line.
///
/// The Vector API is an incubator module, which a jar cannot ask for in its manifest. It is loaded through the JDK's own
/// `jdk.internal.module.Modules`, which the manifest's `Add-Exports` opens to `java -jar`. Where that does not work (the
/// jar stands on a class path, a later JDK has moved the class) a second JVM is started with the flag it takes.
///
/// This class is compiled for Java 8, so that an old JVM can run it and say what is missing; it must not touch any other
/// class of the project, nor any class of a later JDK, but by name.
public final class Main {
    private static final int NEEDED = 25;
    private static final String MODULE = "jdk.incubator.vector";

    private Main() {}

    /// Runs a command and ends the JVM with its exit code.
    public static void main(String[] arguments) throws Exception {
        int version = majorVersion(System.getProperty("java.specification.version"));
        if (version < NEEDED) {
            System.err.println("tributary: this is Java " + version + " (" + System.getProperty("java.home") + ") and it takes JDK "
                    + NEEDED
                    + " or later; get one from https://adoptium.net and run it by its full path, or set JAVA_HOME and use ./tributary");
            System.exit(1);
        }
        if (!hasVectorModule() && !loadVectorModule()) {
            System.exit(runInSecondJvm(arguments));
        }
        Class.forName("tributary.cli.Tributary").getMethod("main", String[].class).invoke(null, (Object) arguments);
    }

    private static int majorVersion(String specification) {
        return Integer.parseInt(specification.startsWith("1.") ? specification.substring(2) : specification);
    }

    private static boolean hasVectorModule() throws ReflectiveOperationException {
        Class<?> layer = Class.forName("java.lang.ModuleLayer");
        Object boot = layer.getMethod("boot").invoke(null);
        Object module = layer.getMethod("findModule", String.class).invoke(boot, MODULE);
        return (Boolean) module.getClass().getMethod("isPresent").invoke(module);
    }

    private static boolean loadVectorModule() {
        try {
            Class.forName("jdk.internal.module.Modules").getMethod("loadModule", String.class).invoke(null, MODULE);
            Class.forName(MODULE + ".FloatVector");
            return true;
        } catch (ReflectiveOperationException e) { // not exported to us, or not there: the second JVM is for that
            return false;
        }
    }

    /// Starts this JVM again with the module's flag, passes its streams through and returns its exit code. A signal that
    /// ends this JVM ends the second one too, and waits for what it has to save.
    private static int runInSecondJvm(String[] arguments) throws Exception {
        List<String> flags = ManagementFactory.getRuntimeMXBean().getInputArguments();
        if (flags.contains("--add-modules=" + MODULE)) {
            System.err.println("tributary: this JDK has no module " + MODULE + " (" + System.getProperty("java.home")
                    + "); use a full JDK " + NEEDED + " or later, such as https://adoptium.net offers");
            return 1;
        }
        List<String> command = new ArrayList<String>();
        command.add(System.getProperty("java.home") + File.separator + "bin" + File.separator + "java");
        command.addAll(flags);
        command.add("--add-modules=" + MODULE);
        command.add("--enable-native-access=ALL-UNNAMED");
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.add(Main.class.getName());
        for (String argument : arguments) {
            command.add(argument);
        }
        final Process second = new ProcessBuilder(command).inheritIO().start();
        Thread forward = new Thread("forward-signal") {
            @Override
            public void run() {
                second.destroy();
                try {
                    second.waitFor();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
        };
        Runtime.getRuntime().addShutdownHook(forward);
        return second.waitFor();
    }
}
