package dev.sallyport.contract;

import com.nimbusds.jose.jwk.ECKey;
import dev.sallyport.document.HostPort;
import dev.sallyport.identity.SpiffeId;
import dev.sallyport.identity.SvidRejectedException;
import dev.sallyport.identity.TrustBundle;
import java.time.Instant;
import java.util.List;

/**
 * What {@code sallyport token create} writes (mode 0600) and a sidecar joins with: who it will be, where the control plane is, whom to believe, and the token. {@code token} is
 * empty in the copy that a sidecar keeps after enrolment.
 */
public record JoinFile(
        String mesh,
        String service,
        SpiffeId identity,
        HostPort controlPlane,
        HostPort enrolment,
        TrustBundle trustBundle,
        List<ECKey> rootKeys,
        String token,
        Instant expires) {
    private static final int BYTES_MAX = 256 * 1024;

    /** {@code rootKeys} lose their private parts here, if they have any; the bundle is of the identity's own trust domain. */
    public JoinFile {
        rootKeys = PublicKeys.publicOnly(rootKeys);
        if (!trustBundle.trustDomain().equals(identity.trustDomain())) {
            throw new IllegalArgumentException(
                    "trustBundle: of " + trustBundle.trustDomain() + " (expected: " + identity.trustDomain() + ")");
        }
    }

    /** JSON in UTF-8. Holds the token: for a file with mode 0600 only. */
    public byte[] toBytes() {
        return new JsonText()
                .field("mesh", mesh)
                .field("service", service)
                .field("identity", identity.toString())
                .field("controlPlane", controlPlane.toString())
                .field("enrolment", enrolment.toString())
                .field("trustBundle", trustBundle.toPem())
                .keys("rootKeys", rootKeys)
                .field("token", token)
                .field("expires", expires)
                .toBytes();
    }

    /** Strict, as every message. */
    public static JoinFile ofBytes(byte[] json) throws InvalidMessageException {
        JsonObject file = JsonObject.parse("join file", json, BYTES_MAX).version();
        SpiffeId identity = file.spiffeId("identity");
        List<ECKey> rootKeys = PublicKeys.read(file, "rootKeys");
        TrustBundle bundle;
        try {
            bundle = TrustBundle.ofPem(identity.trustDomain(), file.text("trustBundle"));
        } catch (SvidRejectedException e) {
            throw new InvalidMessageException("join file.trustBundle: " + e.getMessage());
        }
        JoinFile read = new JoinFile(
                file.text("mesh"),
                file.text("service"),
                identity,
                file.hostPort("controlPlane"),
                file.hostPort("enrolment"),
                bundle,
                rootKeys,
                file.text("token"),
                file.instant("expires"));
        file.done();
        return read;
    }

    /** What a sidecar keeps after enrolment: everything but the secret that is used up. */
    public JoinFile withoutToken() {
        return new JoinFile(mesh, service, identity, controlPlane, enrolment, trustBundle, rootKeys, "", expires);
    }

    /** Never the token. */
    @Override
    public String toString() {
        return "JoinFile[" + mesh + " " + identity + " expires " + expires + "]";
    }
}
