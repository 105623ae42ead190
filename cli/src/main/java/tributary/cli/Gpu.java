package tributary.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Looks for an NVIDIA graphics card and its driver, without loading anything.
final class Gpu {
    private static final List<String> LIBRARY_FOLDERS = List.of(
            "/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/lib", "/usr/lib/wsl/lib",
            "/usr/local/cuda/compat",
            "/run/opengl-driver/lib");

    private Gpu() {}

    static Finding find() {
        Optional<Path> library = driverLibrary();
        boolean device = Files.exists(Path.of("/dev/nvidia0")) || Files.exists(Path.of("/dev/dxg"));
        if (library.isPresent() && device) {
            return Finding.good("gpu", "an NVIDIA card with its driver (" + library.get() + "); this version computes on the CPU only");
        }
        if (device) {
            return Finding.missing("gpu", "an NVIDIA card, but no driver library libcuda.so.1; this version computes on the CPU only",
                    "nothing to do for this version; the driver's package brings the library");
        }
        String why = library.isPresent() ? "the driver library " + library.get() + " is there, but no device /dev/nvidia0"
                : "no device /dev/nvidia0 and no driver library libcuda.so.1";
        return Finding.good("gpu", "none: " + why + "; this version computes on the CPU only");
    }

    private static Optional<Path> driverLibrary() {
        List<String> folders = new ArrayList<>(LIBRARY_FOLDERS);
        String searched = System.getenv("LD_LIBRARY_PATH");
        if (searched != null) {
            folders.addAll(0, List.of(searched.split(":")));
        }
        return folders.stream().filter(folder -> !folder.isEmpty()).map(folder -> Path.of(folder, "libcuda.so.1")).filter(Files::exists)
                .findFirst();
    }
}
