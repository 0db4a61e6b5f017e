package dev.sallyport.proxy.svid;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.identity.Revocations;
import dev.sallyport.identity.SvidPublisher;
import dev.sallyport.identity.X509Svid;
import dev.sallyport.proxy.testing.TestMesh;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RevocationNoticeTest {
    private final List<String> told = new ArrayList<>();
    private TestMesh mesh;
    private SvidPublisher publisher;

    @BeforeEach
    void follow(@TempDir Path folder) {
        mesh = new TestMesh(folder);
        publisher = mesh.publisher(mesh.id("orders"));
        publisher.onChange(new RevocationNotice(publisher.source(), svid -> told.add(svid.serial())));
    }

    private X509Svid own() {
        return publisher.source().svid().orElseThrow();
    }

    private void revoke(Set<String> serials) throws Exception {
        publisher.publishTrust(List.of(mesh.bundle()), new Revocations(serials, Set.of()));
    }

    @Test
    void ownSerialIsToldOnceUntilAnotherCertificateIsRevoked() throws Exception {
        String first = own().serial();
        revoke(Set.of(first));
        revoke(Set.of(first, "0a"));
        assertThat(told).containsExactly(first);
        publisher.publish(mesh.svid(mesh.id("orders")));
        assertThat(told).as("the next one is good").containsExactly(first);
        revoke(Set.of(first, own().serial()));
        assertThat(told).containsExactly(first, own().serial());
    }

    @Test
    void ownIdentityIsToldOfEachOfItsCertificates() throws Exception {
        publisher.publishTrust(List.of(mesh.bundle()), new Revocations(Set.of(), Set.of(mesh.id("orders"))));
        publisher.publish(mesh.svid(mesh.id("orders")));
        assertThat(told).hasSize(2).doesNotHaveDuplicates();
    }

    @Test
    void othersAreNotOurs() throws Exception {
        publisher.publishTrust(List.of(mesh.bundle()), new Revocations(Set.of("0a"), Set.of(mesh.id("payment"))));
        assertThat(told).isEmpty();
    }
}
