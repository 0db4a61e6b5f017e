package dev.sallyport.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A jar that joins or leaves the sidecar is a decision that somebody sees in a change, with its reason; versions stand in the root pom. */
class ClassPathTest {
    @Test
    void runtimeClassPathIsTheOneThatWasDecided() throws IOException {
        // Written by the build just before the tests, from the resolved runtime scope.
        String resolved =
                Files.readString(Path.of(System.getProperty("sallyport.runtimeClassPath", "target/runtime.classpath")));
        List<String> jars = Stream.of(resolved.strip().split(":"))
                .map(entry -> nameOf(Path.of(entry)))
                .sorted()
                .toList();
        assertThat(jars)
                .as("class-path.golden and the module's runtime class path")
                .isEqualTo(golden());
    }

    /** Our own modules are folders when the build stops before their jars. */
    private static String nameOf(Path entry) {
        return entry.endsWith("target/classes")
                ? "sallyport-" + entry.getName(entry.getNameCount() - 3)
                : withoutVersion(entry.getFileName().toString());
    }

    /** {@code netty-codec-http2-4.2.18.Final.jar} → {@code netty-codec-http2}; a classifier stays. */
    private static String withoutVersion(String jar) {
        return jar.replaceFirst("\\.jar$", "").replaceFirst("-\\d+(\\.\\d+)*(\\.Final)?(?=-|$)", "");
    }

    private static List<String> golden() throws IOException {
        try (InputStream in = ClassPathTest.class.getResourceAsStream("/class-path.golden")) {
            assertThat(in).isNotNull();
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("#") && !line.isBlank())
                    .toList();
        }
    }
}
