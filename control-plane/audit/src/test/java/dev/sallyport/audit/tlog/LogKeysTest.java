package dev.sallyport.audit.tlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogKeysTest {
    private static final String ORIGIN = "audit.example/shop";

    @TempDir
    private Path folder;

    private Path file;

    @BeforeEach
    void place() {
        file = folder.resolve("keys").resolve("log.key");
    }

    @Test
    void keysAreMadeOnceAndAreTheSameAfterwards() throws IOException {
        List<NoteSigner> made = LogKeys.log(file, ORIGIN);
        assertThat(made)
                .extracting(signer -> signer.verifier().type())
                .containsExactly(KeyType.ED25519, KeyType.ML_DSA_44_COSIGNATURE);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(LogKeys.log(file, ORIGIN))
                .extracting(NoteSigner::verifier)
                .isEqualTo(made.stream().map(NoteSigner::verifier).toList());
    }

    @Test
    void fileThatOthersCanReadIsRefused() throws IOException {
        LogKeys.log(file, ORIGIN);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
        refused("rw-r----- (expected: rw-------");
    }

    @Test
    void keysOfAnotherNameOrKindAreRefused() throws IOException {
        LogKeys.log(file, "audit.example/other");
        refused("keys of audit.example/other (expected: of " + ORIGIN);
        Path witness = folder.resolve("witness.key");
        LogKeys.witness(witness, ORIGIN);
        assertThatThrownBy(() -> LogKeys.log(witness, ORIGIN)).hasMessageContaining("types");
    }

    @Test
    void damagedFileIsRefusedWithoutShowingIt() throws IOException {
        LogKeys.log(file, ORIGIN);
        String whole = Files.readString(file);
        List<String> lines = whole.lines().toList();
        String secret = lines.get(2);
        // Another key's private half: signatures that nobody could verify.
        Path other = folder.resolve("other.key");
        LogKeys.log(other, ORIGIN);
        for (String bad : new String[] {
            "",
            lines.getFirst(),
            whole.replace(secret, "private AAAA"),
            whole.replace(secret, Files.readAllLines(other).get(2)),
            whole.replace("verifier ", "vkey "),
            whole + "x\n"
        }) {
            Files.writeString(file, bad);
            refused("damaged");
        }
    }

    @Test
    void secretIsNeverShown() throws IOException {
        for (NoteSigner signer : LogKeys.log(file, ORIGIN)) {
            assertThat(signer.toString()).isEqualTo(signer.verifier().shown());
        }
    }

    private void refused(String why) {
        assertThatThrownBy(() -> LogKeys.log(file, ORIGIN))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(why)
                .hasMessageNotContaining("private ");
    }
}
