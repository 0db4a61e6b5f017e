package dev.sallyport.proxy.svid;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.identity.SvidRejectedException;
import dev.sallyport.identity.X509Svid;
import dev.sallyport.proxy.testing.TestMesh;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.KeyPair;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SvidStoreTest {
    @TempDir
    private Path folder;

    private SvidStore store;
    private SvidStore.Stored first;
    private SvidStore.Stored second;

    @BeforeEach
    void make() throws Exception {
        TestMesh mesh = new TestMesh(folder.resolve("authority"));
        store = new SvidStore(folder);
        first = new SvidStore.Stored(mesh.svid(mesh.id("orders")), Instant.parse("2030-01-01T00:00:00Z"));
        second = new SvidStore.Stored(mesh.svid(mesh.id("orders")), Instant.parse("2030-01-02T00:00:00Z"));
        store.save(first);
    }

    private X509Svid loaded() throws Exception {
        return store.load().orElseThrow().svid();
    }

    @Test
    void whatWasSavedIsLoaded() throws Exception {
        assertThat(store.load()).hasValueSatisfying(stored -> {
            assertThat(stored.svid().serial()).isEqualTo(first.svid().serial());
            assertThat(stored.renewAt()).isEqualTo(first.renewAt());
        });
    }

    @Test
    void emptyFolderHoldsNone() throws Exception {
        assertThat(new SvidStore(Files.createDirectory(folder.resolve("empty"))).load())
                .isEmpty();
    }

    @Test
    void crashBeforeTheChainWasReplacedKeepsTheOldPair() throws Exception {
        Path other = Files.createDirectory(folder.resolve("other"));
        new SvidStore(other).save(second);
        Files.copy(other.resolve("svid.key"), folder.resolve("svid.key.next"));
        assertThat(loaded().serial()).isEqualTo(first.svid().serial());
        assertThat(folder.resolve("svid.key.next")).doesNotExist();
    }

    @Test
    void crashAfterTheChainWasReplacedEndsWithTheNewPair() throws Exception {
        Path other = Files.createDirectory(folder.resolve("other"));
        new SvidStore(other).save(second);
        Files.copy(other.resolve("svid.key"), folder.resolve("svid.key.next"));
        Files.copy(other.resolve("svid.pem"), folder.resolve("svid.pem"), StandardCopyOption.REPLACE_EXISTING);
        assertThat(loaded().serial()).isEqualTo(second.svid().serial());
        assertThat(loaded().serial()).isEqualTo(second.svid().serial());
    }

    @Test
    void chainWithTheKeyOfAnotherIsRefused() throws Exception {
        Path other = Files.createDirectory(folder.resolve("other"));
        new SvidStore(other).save(second);
        Files.copy(other.resolve("svid.key"), folder.resolve("svid.key"), StandardCopyOption.REPLACE_EXISTING);
        assertThatThrownBy(() -> store.load()).isInstanceOf(SvidRejectedException.class);
    }

    @Test
    void lostRenewalTimeIsTheMiddleOfTheLife() throws Exception {
        Files.delete(folder.resolve("renew-at"));
        assertThat(store.load().orElseThrow().renewAt())
                .isBetween(first.svid().notBefore(), first.svid().notAfter());
    }

    @Test
    void repeatedRequestKeepsItsKeyAndAnotherPurposeGetsAnother() throws Exception {
        KeyPair one = store.pendingKey("serial-1");
        assertThat(new SvidStore(folder).pendingKey("serial-1").getPublic()).isEqualTo(one.getPublic());
        assertThat(store.pendingKey("serial-2").getPublic()).isNotEqualTo(one.getPublic());
    }

    @Test
    void savedAnswerEndsTheRequest() throws Exception {
        KeyPair one = store.pendingKey("serial-1");
        store.save(second);
        assertThat(store.pendingKey("serial-1").getPublic()).isNotEqualTo(one.getPublic());
    }
}
