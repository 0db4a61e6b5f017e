package dev.sallyport.cli.testing;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** The script {@code fake-launcher}, made executable; the system property names it until this is closed. */
public final class FakeLauncher implements AutoCloseable {
    private static final String PROPERTY = "sallyport.launcher";

    public final Path script;
    /** What the last process was started with, and whether it stopped cleanly. */
    public final Path arguments;

    public FakeLauncher(Path folder) throws IOException {
        arguments = folder.resolve("arguments");
        script = folder.resolve("launcher");
        try (InputStream in = FakeLauncher.class.getResourceAsStream("/fake-launcher")) {
            if (in == null) {
                throw new IOException("fake-launcher: missing from the test resources");
            }
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            Files.writeString(script, text.replace("$FAKE_ARGUMENTS", arguments.toString()));
        }
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
        System.setProperty(PROPERTY, script.toString());
    }

    public String said() throws IOException {
        return Files.exists(arguments) ? Files.readString(arguments) : "";
    }

    @Override
    public void close() {
        System.clearProperty(PROPERTY);
    }
}
