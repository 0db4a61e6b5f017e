package dev.sallyport.cli.check;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/** What a sidecar needs of a machine, before there is one. One run. */
final class PreChecks {
    /** As {@code proxy} listens by default: admin, outbound, inbound, metrics, health. */
    static final List<Integer> PORTS = List.of(15000, 15001, 15006, 15020, 15021);

    private static final String CATEGORY = "before installing";
    private static final int JAVA_MIN = 25;
    /** Two a request under way, and some for itself. */
    private static final long OPEN_FILES_FEW = 65_536;

    private static final long OPEN_FILES_MIN = 1_024;

    private final List<Check> checks = new ArrayList<>();

    /** {@code limits}: as {@code /proc/self/limits} has them. */
    List<Check> all(int java, Optional<Path> state, List<Integer> ports, Path limits) {
        if (java >= JAVA_MIN) {
            checks.add(Check.ok(CheckCode.JAVA, CATEGORY, "JDK " + java));
        } else {
            checks.add(Check.failed(
                    CheckCode.JAVA,
                    CATEGORY,
                    "JDK " + java + " (expected: " + JAVA_MIN + " or later)",
                    "export SALLYPORT_JAVA=DIR   # of a JDK " + JAVA_MIN));
        }
        ports.forEach(this::port);
        state.ifPresent(this::folder);
        openFiles(limits);
        return List.copyOf(checks);
    }

    private void port(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true); // connections that have ended do not count
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            checks.add(Check.ok(CheckCode.PORT, CATEGORY, "port " + port + " is free"));
        } catch (IOException e) {
            checks.add(Check.failed(
                    CheckCode.PORT, CATEGORY, "port " + port + " is in use", "ss -ltnp 'sport = :" + port + "'"));
        }
    }

    private void folder(Path folder) {
        try {
            if (!Files.exists(folder)) {
                Path parent = folder.toAbsolutePath().normalize().getParent();
                if (parent != null && Files.isWritable(parent)) {
                    checks.add(Check.ok(CheckCode.FOLDER_RIGHTS, CATEGORY, "state folder " + folder + " can be made"));
                } else {
                    rights(folder + " cannot be made by this user", "mkdir -p -m 700 " + folder);
                }
                return;
            }
            String mode = PosixFilePermissions.toString(Files.getPosixFilePermissions(folder));
            if (!Files.isDirectory(folder) || !Files.isWritable(folder)) {
                rights(folder + ": this user cannot write there", "chown $USER " + folder);
            } else if (!mode.endsWith("------")) {
                rights(folder + ": mode " + mode + ", others can read the service's key", "chmod 700 " + folder);
            } else {
                checks.add(Check.ok(
                        CheckCode.FOLDER_RIGHTS, CATEGORY, "state folder " + folder + " is this user's alone"));
            }
        } catch (IOException e) {
            rights(folder + " cannot be read", "ls -ld " + folder);
        }
    }

    private void rights(String what, String fix) {
        checks.add(Check.failed(CheckCode.FOLDER_RIGHTS, CATEGORY, "state folder " + what, fix));
    }

    private void openFiles(Path limits) {
        OptionalLong limit = limit(limits);
        if (limit.isEmpty()) {
            return; // a system that does not say it in this way
        }
        String what = "limit of open files: " + limit.getAsLong();
        String fix = "ulimit -n " + OPEN_FILES_FEW;
        if (limit.getAsLong() < OPEN_FILES_MIN) {
            checks.add(Check.failed(CheckCode.OPEN_FILES, CATEGORY, what, fix));
        } else if (limit.getAsLong() < OPEN_FILES_FEW) {
            checks.add(Check.warning(CheckCode.OPEN_FILES, CATEGORY, what + ", two for a request under way", fix));
        } else {
            checks.add(Check.ok(CheckCode.OPEN_FILES, CATEGORY, what));
        }
    }

    /** The soft limit, which a JVM has raised to the hard one. */
    private static OptionalLong limit(Path limits) {
        try (Stream<String> lines = Files.lines(limits)) {
            return lines.filter(line -> line.startsWith("Max open files"))
                    .map(line -> line.split("\\s{2,}", -1)[1])
                    .mapToLong(text -> text.equals("unlimited") ? Long.MAX_VALUE : Long.parseLong(text))
                    .findFirst();
        } catch (IOException | RuntimeException e) {
            return OptionalLong.empty();
        }
    }
}
