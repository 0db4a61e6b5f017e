package dev.sallyport.cli.documents;

import static dev.sallyport.cli.testing.Ran.sallyport;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.cli.testing.Ran;
import dev.sallyport.cli.testing.ShopDocuments;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PolicyFmtTest {
    private static final String CARELESS =
            ShopDocuments.PAYMENT.replace("kind: RoutePolicy", "kind:   'RoutePolicy'   # ours");
    private static final String CANONICAL =
            ShopDocuments.PAYMENT.replace("kind: RoutePolicy", "kind: RoutePolicy  # ours");

    @TempDir
    private Path folder;

    private Path payment;

    @BeforeEach
    void documents() throws IOException {
        ShopDocuments.write(folder, CARELESS);
        payment = folder.resolve("payment.yaml");
    }

    @Test
    void whatIsNotCanonicalIsWrittenAndNamedOnce() throws IOException {
        Ran ran = sallyport("policy", "fmt", folder).held();

        assertThat(ran.out()).isEqualTo(payment + "\n");
        assertThat(ran.err()).isEqualTo("sallyport: 2 files, 1 formatted\n");
        assertThat(payment).hasContent(CANONICAL);
        assertThat(sallyport("policy", "fmt", folder).held().out()).isEmpty();
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).hasSize(2);
        }
    }

    @Test
    void checkWritesNothingAndEndsWithOne() throws IOException {
        Ran ran = sallyport("policy", "fmt", "--check", folder);

        assertThat(ran.exit()).isEqualTo(1);
        assertThat(ran.out()).isEqualTo(payment + "\n");
        assertThat(payment).hasContent(CARELESS);
        Files.writeString(payment, CANONICAL);
        assertThat(sallyport("policy", "fmt", "--check", folder).held().out()).isEmpty();
    }

    @Test
    void diffShowsWhatWouldChange() {
        Ran ran = sallyport("policy", "fmt", "--diff", payment).held();

        assertThat(ran.out().lines())
                .startsWith("--- " + payment, "+++ " + payment + " (formatted)", "@@ -1,5 +1,5 @@")
                .contains(
                        "-kind:   'RoutePolicy'   # ours", "+kind: RoutePolicy  # ours", " metadata: {name: payment}");
        assertThat(payment).hasContent(CARELESS);
        assertThat(sallyport("policy", "fmt", "--diff", "--check", payment).exit())
                .isEqualTo(1);
    }

    @Test
    void fileKeepsItsPermissionsAndALinkStaysOne() throws IOException {
        Files.setPosixFilePermissions(payment, PosixFilePermissions.fromString("rw-rw----"));
        Path link = Files.createSymbolicLink(folder.resolve("link.yaml"), payment);

        sallyport("policy", "fmt", link).held();

        assertThat(link).isSymbolicLink();
        assertThat(payment).hasContent(CANONICAL);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(payment)))
                .isEqualTo("rw-rw----");
    }

    @Test
    void whatCannotBeReadIsNamedAndLeftAloneAndTheOthersAreFormatted() throws IOException {
        Files.writeString(folder.resolve("mesh.yaml"), "kind: [\n");
        Files.writeString(folder.resolve("set.json"), "{ }");

        Ran ran = sallyport("policy", "fmt", folder).refused(3, "mesh.yaml:2:1: SP0001", "set.json: left alone");

        assertThat(ran.out()).isEqualTo(payment + "\n");
        assertThat(folder.resolve("mesh.yaml")).hasContent("kind: [\n");
        assertThat(folder.resolve("set.json")).hasContent("{ }");
    }

    @Test
    void whatCannotBeProvenToSayTheSameIsLeftAlone() throws IOException {
        Files.writeString(payment, "a: 1\r# x\rb: 2\r");

        sallyport("policy", "fmt", payment)
                .refused(1, "payment.yaml: left alone, for formatted it would not say the same");
        assertThat(Files.readString(payment)).isEqualTo("a: 1\r# x\rb: 2\r");
    }

    @Test
    void stdinGoesToStdout() {
        assertThat(piped(CARELESS, "policy", "fmt", "-").held().out()).isEqualTo(CANONICAL);
        assertThat(piped(CANONICAL, "policy", "fmt", "-", "--check").held().out())
                .isEmpty();
        assertThat(piped(CARELESS, "policy", "fmt", "-", "--check").exit()).isEqualTo(1);
        assertThat(piped("a: [", "policy", "fmt", "-")
                        .refused(3, "stdin:1:5: SP0001")
                        .out())
                .isEmpty();
        sallyport("policy", "fmt", "-", folder).refused(2, "-: beside other paths");
    }

    private static Ran piped(String text, Object... arguments) {
        InputStream before = System.in;
        System.setIn(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
        try {
            return sallyport(arguments);
        } finally {
            System.setIn(before);
        }
    }
}
