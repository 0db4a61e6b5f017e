package dev.sallyport.server.issuance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.authority.AuthorityUnavailableException;
import dev.sallyport.contract.Wire;
import dev.sallyport.identity.CertificateSigningRequest;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A rotation that goes on while the authority which it leaves still signs. */
class LeftAuthorityTest {
    @TempDir
    private Path folder;

    private static void phase(TestIssuance issuance, String phase) {
        issuance.store.change(handle -> handle.execute(
                "insert or replace into ca_rotations (id, subject, from_generation, to_generation, phase, changed_at, started_by, started_at)"
                        + " values (1, 'root', 1, 2, ?, 0, '', 0)",
                phase));
    }

    @Test
    void certificateThatWasSignedTooLateIsNotHandedOutAndTheTokenStaysGood() throws Exception {
        try (TestIssuance mesh = new TestIssuance(folder)) {
            Wire.Enrolment request = new Wire.Enrolment(
                    Wire.JOIN_TOKEN,
                    mesh.token("back", TestIssuance.BACK),
                    CertificateSigningRequest.pem(CertificateSigningRequest.newKeyPair()),
                    "i1");
            mesh.whileSigning.set(() -> phase(mesh, "retire"));
            assertThatThrownBy(() -> mesh.parts.issuance().enrol(request))
                    .isInstanceOf(AuthorityUnavailableException.class);
            assertThat(mesh.parts.certificates().valid(mesh.clock.instant(), 10))
                    .isEmpty();
            mesh.whileSigning.set(() -> phase(mesh, "re-issue"));
            assertThat(mesh.parts.issuance().enrol(request).chainPem()).contains("BEGIN CERTIFICATE");
            assertThat(mesh.parts.certificates().valid(mesh.clock.instant(), 10))
                    .hasSize(1);
        }
    }
}
