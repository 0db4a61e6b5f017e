package dev.sallyport.authority;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeyEncryptionTest {
    private static final byte[] PLAIN = "a private key".getBytes(StandardCharsets.UTF_8);

    @TempDir
    Path folder;

    private Path file;
    private KeyEncryption encryption;

    @BeforeEach
    void make() throws IOException {
        file = folder.resolve("keys/ca.key");
        encryption = KeyEncryption.fromFile(file);
    }

    @Test
    void firstStartMakesThePrivateFile() throws Exception {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("keys"))))
                .isEqualTo("rwx------");
        assertThat(Files.readString(file)).matches("[0-9a-f]{64}\n");
        assertThat(folder.resolve("keys").toFile().list())
                .as("no temporary file stays")
                .containsExactly("ca.key");
        assertThat(encryption.toString()).doesNotContain(Files.readString(file).strip());
    }

    @Test
    void sameFileOpensWhatItSealed() throws Exception {
        byte[] sealed = encryption.encrypt(PLAIN, "root");
        assertThat(KeyEncryption.fromFile(file).decrypt(sealed, "root")).isEqualTo(PLAIN);
        assertThat(encryption.encrypt(PLAIN, "root"))
                .as("another nonce each time")
                .isNotEqualTo(sealed);
    }

    @Test
    void otherContextKeyOrBytesDoNotOpen() throws Exception {
        byte[] sealed = encryption.encrypt(PLAIN, "root");
        refused(encryption, sealed, "intermediate");
        refused(KeyEncryption.fromFile(folder.resolve("other.key")), sealed, "root");
        refused(encryption, new byte[0], "root");
        for (int i = 0; i < sealed.length; i++) {
            byte[] altered = sealed.clone();
            altered[i] ^= 1;
            refused(encryption, altered, "root");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"rw-r-----", "rw----r--", "rw--w----", "rwxrwxrwx"})
    void fileThatOthersCanTouchIsRefusedWithTheRemedy(String mode) throws Exception {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
        assertThatThrownBy(() -> KeyEncryption.fromFile(file))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(mode)
                .hasMessageContaining("chmod 600 " + file);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "secret", "00", "zz00000000000000000000000000000000000000000000000000000000000000"})
    void otherContentIsRefusedAndNotQuoted(String content) throws Exception {
        Files.writeString(file, content);
        assertThatThrownBy(() -> KeyEncryption.fromFile(file))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("64 hex digits")
                .hasMessageNotContaining("secret")
                .hasNoCause();
    }

    private static void refused(KeyEncryption encryption, byte[] sealed, String context) {
        assertThatThrownBy(() -> encryption.decrypt(sealed, context))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("sealed key " + context);
    }
}
