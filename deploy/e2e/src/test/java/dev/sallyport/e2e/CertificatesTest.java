package dev.sallyport.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Certificates change under load: leaf, intermediate, root, and from one kind of authority to another; one that is taken back is good for nothing at once. From the archive. */
class CertificatesTest {
    private static final Duration DEADLINE = Duration.ofSeconds(30);

    @TempDir
    Path folder;

    @Test
    void leafIntermediateAndRootAreRotatedUnderLoadAndNoRequestFails() throws Exception {
        try (Mesh mesh = Mesh.start(folder)) {
            Running front = joined(mesh);
            try (Traffic traffic = Traffic.of(front)) {
                for (String[] change : List.of(
                        new String[] {"certs", "rotate", "--all", "--wait"},
                        new String[] {"ca", "rotate", "--intermediate", "--wait", "--yes"},
                        new String[] {"ca", "rotate", "--root", "--wait", "--yes"})) {
                    int before = traffic.answered();
                    mesh.command(change);
                    assertThat(traffic.failures()).as(String.join(" ", change)).isEmpty();
                    assertThat(traffic.answered()).isGreaterThan(before);
                }
                assertThat(traffic.finish()).isEmpty();
            }
        }
    }

    @Test
    void aMeshMovesToVaultAndVaultIsSealedAndNoRequestFails() throws Exception {
        try (VaultServer vault = VaultServer.start(folder.resolve("vault"), Mesh.TRUST_DOMAIN);
                Mesh mesh = Mesh.start(folder, "--vault", vault.settings().toString())) {
            Running front = joined(mesh);
            try (Traffic traffic = Traffic.of(front)) {
                mesh.command("ca", "rotate", "--to", "vault-intermediate", "--wait", "--yes");
                vault.seal();
                mesh.command("certs", "rotate", "--all", "--wait");
                assertThat(traffic.finish()).isEmpty();
            }
        }
    }

    @Test
    void aSealedVaultHurtsNobodyWhoseIntermediateItSigned() throws Exception {
        try (VaultServer vault = VaultServer.start(folder.resolve("vault"), Mesh.TRUST_DOMAIN);
                Mesh mesh = Mesh.start(
                        folder,
                        "--authority",
                        "vault-intermediate",
                        "--vault",
                        vault.settings().toString())) {
            mesh.controlPlane.ready();
            vault.seal(); // Before the first sidecar: all that follows is without Vault.
            Running front = joined(mesh);
            try (Traffic traffic = Traffic.of(front)) {
                mesh.command("certs", "rotate", "--all", "--wait");
                mesh.controlPlane.stop();
                try (Running again = mesh.startControlPlane(
                        mesh.controlPlane.text("sidecars"),
                        mesh.controlPlane.text("enrolment"),
                        mesh.controlPlane.text("api"))) {
                    again.ready();
                    mesh.command("certs", "rotate", "--all", "--wait");
                }
                assertThat(traffic.finish()).isEmpty();
            }
        }
    }

    @Test
    void whileVaultThatSignsLeavesIsSealedEverybodyKeepsWhatTheyHave() throws Exception {
        try (VaultServer vault = VaultServer.start(folder.resolve("vault"), Mesh.TRUST_DOMAIN);
                Mesh mesh = Mesh.start(
                        folder,
                        "--authority",
                        "vault-leaf",
                        "--vault",
                        vault.settings().toString())) {
            Running front = joined(mesh);
            try (Traffic traffic = Traffic.of(front)) {
                mesh.command("certs", "rotate", "--all", "--wait");
                vault.seal();
                mesh.command("certs", "rotate", "--all");
                await().atMost(DEADLINE)
                        .untilAsserted(() -> assertThat(front.log()).contains("renewal failed, the certificate stays"));
                assertThat(traffic.finish()).isEmpty();
            }
        }
    }

    @Test
    void aRevokedServiceIsCutOffAtOnceAndNobodyElseIs() throws Exception {
        try (Mesh mesh = Mesh.start(folder)) {
            Running front = joined(mesh);
            try (Traffic traffic = Traffic.of(front)) {
                await().atMost(DEADLINE).until(() -> traffic.answered() > 0);
                mesh.command("certs", "revoke", "--service", "stranger", "--reason", "not here", "--yes");
                assertThat(traffic.failures()).isEmpty();
                mesh.command("certs", "revoke", "--service", "front", "--reason", "stolen laptop", "--yes");
                await().atMost(DEADLINE)
                        .untilAsserted(() -> assertThat(traffic.failures()).isNotEmpty());
            }
            JsonNode events = mesh.json("certs", "timeline", "--service", "front", "-o", "json");
            assertThat(events.toString()).contains("stolen laptop");
        }
    }

    /** Front and back, up and joined; returns front. */
    private static Running joined(Mesh mesh) throws Exception {
        Running front = mesh.startFront();
        Running back = mesh.startBack();
        mesh.createToken("front");
        mesh.createToken("back");
        back.ready();
        front.ready();
        // Where back listens may reach front a moment after both are ready.
        try (Traffic first = Traffic.of(front)) {
            await().atMost(DEADLINE)
                    .until(() -> first.answered() > first.failures().size());
        }
        return front;
    }
}
