package dev.sallyport.server.mesh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sallyport.document.Source;
import dev.sallyport.identity.TrustDomain;
import dev.sallyport.server.store.Store;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is durable reaches everyone in the end, whatever fails on the way. */
class PolicyStoreTest {
    private static final String MESH = """
            apiVersion: sallyport.dev/v1
            kind: Mesh
            metadata: {name: small}
            spec:
              trustDomain: small.example
              services:
                back: {identity: spiffe://small.example/sa/back, ports: {8080: http}}
            """;
    private static final String CHANGED = MESH.replace("8080", "8081");

    @TempDir
    Path folder;

    private Path documents;
    private Store store;
    private PolicyStore policies;

    @BeforeEach
    void open() throws Exception {
        documents = Files.createDirectory(folder.resolve("documents"));
        store = Store.open(Files.createDirectory(folder.resolve("state")));
        MeshIdentity identity = MeshIdentity.found(store, "small", new TrustDomain("small.example"));
        policies = new PolicyStore(store, identity, Clock.systemUTC());
    }

    @AfterEach
    void close() {
        store.close();
    }

    private void failOnce(AtomicInteger failures) {
        policies.onChange(_ -> {
            if (failures.getAndDecrement() > 0) {
                throw new IllegalStateException("no space left");
            }
        });
    }

    private void write(String text) throws IOException {
        // In one step, so that no half-written file is judged.
        Path whole = Files.writeString(folder.resolve("mesh.new"), text);
        Files.move(
                whole,
                documents.resolve("mesh.yaml"),
                java.nio.file.StandardCopyOption.ATOMIC_MOVE,
                java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    }

    @Test
    void aRetryTellsTheListenersAgainAndOneThatFailsDoesNotStopTheNext() throws Exception {
        List<Long> told = new ArrayList<>();
        failOnce(new AtomicInteger(1));
        policies.onChange(version -> told.add(version.revision()));
        List<Source> sources = List.of(new Source("mesh.yaml", MESH));
        assertThatThrownBy(() -> policies.replace(sources, "test", OptionalLong.empty()))
                .hasMessage("no space left");
        assertThat(told).containsExactly(1L);
        assertThat(policies.replace(sources, "test", OptionalLong.empty()).revision())
                .isEqualTo(1);
        assertThat(told).containsExactly(1L, 1L);
    }

    @Test
    void whatEndsWhileInForceIsReadAgainAndNotAcceptedAgain() throws Exception {
        String observe = MESH.replace("spec:\n", "spec:\n  mode: observe\n  until: 2027-03-31\n");
        List<Source> sources = List.of(new Source("mesh.yaml", observe));
        at("2027-03-30T00:00:00Z").replace(sources, "test", OptionalLong.empty());

        PolicyStore restarted = at("2027-04-01T00:00:00Z");

        assertThat(restarted.revision()).isEqualTo(1);
        assertThat(restarted.replace(sources, "test", OptionalLong.empty()).revision())
                .as("the same again")
                .isEqualTo(1);
        List<Source> changed = List.of(new Source("mesh.yaml", observe.replace("8080", "8081")));
        assertThatThrownBy(() -> restarted.replace(changed, "test", OptionalLong.empty()))
                .hasMessageContaining("mesh.yaml:6:3: SP0703 spec.until: 2027-03-31T00:00:00Z: has passed");
        assertThat(restarted.revision()).as("the last good set stays").isEqualTo(1);
    }

    private PolicyStore at(String now) throws Exception {
        MeshIdentity identity = MeshIdentity.stored(store).orElseThrow();
        return new PolicyStore(store, identity, Clock.fixed(Instant.parse(now), ZoneOffset.UTC));
    }

    @Test
    void aChangeOfTheFolderThatFailedIsTriedAgain() throws Exception {
        write(MESH);
        AtomicInteger failures = new AtomicInteger();
        failOnce(failures);
        try (FolderAuthor author = FolderAuthor.follow(documents, policies)) {
            failures.set(1);
            write(CHANGED);
            await().untilAsserted(() -> assertThat(author.lastError()).contains("no space left"));
            await().untilAsserted(() -> assertThat(author.lastError()).isEmpty());
            assertThat(failures.get()).as("tried again").isEqualTo(-1);
            assertThat(policies.revision()).isEqualTo(2);
            assertThat(author.refused()).isZero();
        }
    }

    @Test
    void anErrorEndsWhenTheSameDocumentsAreBack() throws Exception {
        write(MESH);
        try (FolderAuthor author = FolderAuthor.follow(documents, policies)) {
            Files.delete(documents.resolve("mesh.yaml"));
            await().untilAsserted(() -> assertThat(author.lastError()).isPresent());
            write(MESH);
            await().untilAsserted(() -> assertThat(author.lastError()).isEmpty());
            assertThat(policies.revision()).isEqualTo(1);
        }
    }
}
