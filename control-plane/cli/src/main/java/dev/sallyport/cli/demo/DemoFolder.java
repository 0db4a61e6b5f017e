package dev.sallyport.cli.demo;

import dev.sallyport.cli.CliException;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Where one demo keeps everything: policies, the processes' state, their logs. Of this user alone (0700), because private keys are in it. */
record DemoFolder(Path root, boolean kept) {
    private static final FileAttribute<Set<PosixFilePermission>> OWNER_ONLY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    /** Issuer of the example's Mesh, which the running issuer's URL replaces. */
    private static final String EXAMPLE_ISSUER = "http://127.0.0.1:9400";

    /** Gone at the end. */
    static DemoFolder temporary() throws IOException {
        return new DemoFolder(Files.createTempDirectory("sallyport-demo", OWNER_ONLY), false).prepared();
    }

    /** Stays; must be new or empty. */
    static DemoFolder kept(Path folder) throws IOException, CliException {
        Path root = folder.toAbsolutePath().normalize();
        if (Files.exists(root)) {
            if (!Files.isDirectory(root) || !isEmpty(root)) {
                throw new CliException("--keep: " + root + ": exists already (expected: a new or empty folder)");
            }
            Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwx------"));
        } else {
            Files.createDirectories(root, OWNER_ONLY);
        }
        return new DemoFolder(root, true).prepared();
    }

    /** One of several shops below this folder. */
    DemoFolder part(String name) throws IOException {
        return new DemoFolder(Files.createDirectory(root.resolve(name), OWNER_ONLY), kept).prepared();
    }

    private static boolean isEmpty(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.findAny().isEmpty();
        }
    }

    private DemoFolder prepared() throws IOException {
        for (Path folder :
                List.of(policies(), state(), root.resolve("logs"), root.resolve("join"), root.resolve("upstreams"))) {
            Files.createDirectories(folder, OWNER_ONLY);
        }
        return this;
    }

    /** The document set that the control plane watches: a copy, to be edited. */
    Path policies() {
        return root.resolve("policies");
    }

    /** Above the sidecars' state folders. */
    Path state() {
        return root.resolve("state");
    }

    Path state(String service) {
        return state().resolve(service);
    }

    Path controlPlane() {
        return root.resolve("control-plane");
    }

    /** For a Prometheus, while the demo is up. */
    Path scrapeTargets() {
        return root.resolve("prometheus-targets.json");
    }

    Path log(String process) {
        return root.resolve("logs").resolve(process + ".log");
    }

    Path joinFile(String service) {
        return root.resolve("join").resolve(service + ".join");
    }

    /** Where a service of the shop reads its upstreams' ports. */
    Path upstreams(String service) {
        return root.resolve("upstreams").resolve(service);
    }

    /** Copies the example, with the running issuer in the example issuer's place. */
    void copyExample(Path example, String issuer) throws IOException, CliException {
        try (Stream<Path> files = Files.list(example)) {
            for (Path file :
                    files.filter(path -> path.toString().endsWith(".yaml")).toList()) {
                Path copy = policies().resolve(file.getFileName());
                Files.copy(file, copy, StandardCopyOption.REPLACE_EXISTING);
            }
        }
        edit("mesh.yaml", EXAMPLE_ISSUER, issuer);
    }

    /**
     * Replaces the one place where {@code before} stands in a policy file, and the file at once: whoever watches the folder never reads half of it.
     */
    void edit(String name, String before, String after) throws IOException, CliException {
        Path file = policies().resolve(name);
        String text = Files.readString(file);
        int at = text.indexOf(before);
        if (at < 0 || text.indexOf(before, at + 1) >= 0) {
            throw new CliException(file + ": \"" + before + "\" (expected: exactly once in the shop's example)");
        }
        Path next = root.resolve(name + ".next");
        Files.writeString(next, text.substring(0, at) + after + text.substring(at + before.length()));
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
    }

    /** Everything, unless it was to be kept. */
    void delete() throws IOException {
        if (!kept) {
            deleteAll(root);
        }
    }

    static void deleteAll(Path folder) throws IOException {
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.deleteIfExists(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException problem) throws IOException {
                Files.deleteIfExists(visited);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
