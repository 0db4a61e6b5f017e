package dev.sallyport.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.authority.IssuanceRefusedException;
import dev.sallyport.authority.IssuedCertificate;
import dev.sallyport.authority.PeopleAuthority;
import dev.sallyport.document.HostPort;
import dev.sallyport.identity.CertificateSigningRequest;
import dev.sallyport.identity.Pem;
import dev.sallyport.identity.TrustBundle;
import dev.sallyport.server.mesh.MeshIdentity;
import dev.sallyport.server.store.PrivateFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * The administrator's way in: a file (0600) with a client certificate of the people's authority, which the local command line finds by itself. Written at the first start; again
 * when the API's address or the bundle of the mesh changed, when its certificate nears its end, or when it is gone.
 */
final class AdminContext {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration LIFE = Duration.ofDays(365);
    private static final Duration RENEW_BEFORE_END = Duration.ofDays(30);

    private final MeshIdentity mesh;
    private final PeopleAuthority people;

    AdminContext(MeshIdentity mesh, PeopleAuthority people) {
        this.mesh = mesh;
        this.people = people;
    }

    /** Makes {@code file} right for {@code api} and {@code bundle}; true when it had to be written. */
    boolean write(Path file, HostPort api, TrustBundle bundle, Instant now) throws IOException {
        Optional<ObjectNode> old = read(file);
        boolean kept = old.isPresent() && stillGood(old.get(), now);
        ObjectNode context = kept ? old.get() : JSON.createObjectNode();
        if (kept
                && context.path("api").asText().equals(api.toString())
                && context.path("trustBundle").asText().equals(bundle.toPem())) {
            return false;
        }
        context.put("mesh", mesh.name());
        context.put("trustDomain", mesh.trustDomain().name());
        context.put("api", api.toString());
        if (!kept) {
            certify(context);
        }
        context.put("trustBundle", bundle.toPem());
        PrivateFiles.replace(file, (context.toPrettyString() + "\n").getBytes(StandardCharsets.UTF_8));
        return true;
    }

    /** For the command line of the same user, which looks there. */
    static void copy(Path file, Path folder) throws IOException {
        PrivateFiles.folder(folder);
        PrivateFiles.replace(folder.resolve("admin.json"), Files.readAllBytes(file));
    }

    /** As {@link #copy}, but only where the copy is still of this mesh: in the life of a process its user may have turned to another. */
    void copyAgain(Path file, Path folder) throws IOException {
        String copied = read(folder.resolve("admin.json"))
                .map(context -> context.path("trustDomain").asText())
                .orElse("");
        if (copied.equals(mesh.trustDomain().name())) {
            copy(file, folder);
        }
    }

    private void certify(ObjectNode context) throws IOException {
        KeyPair keys = CertificateSigningRequest.newKeyPair();
        try {
            IssuedCertificate issued =
                    people.issue(CertificateSigningRequest.der(keys), "administrator", "admin", LIFE);
            context.put("certificate", Pem.encode(issued.chain()));
            context.put("privateKey", Pem.encode(keys.getPrivate()));
        } catch (IssuanceRefusedException e) {
            throw new IOException("administrator's certificate: " + e.getMessage(), e);
        }
    }

    private static Optional<ObjectNode> read(Path file) {
        try {
            JsonNode tree = Files.exists(file) ? JSON.readTree(Files.readString(file)) : JSON.missingNode();
            return tree instanceof ObjectNode object ? Optional.of(object) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty(); // Unreadable or damaged: written anew.
        }
    }

    private boolean stillGood(ObjectNode context, Instant now) {
        try {
            var leaf = Pem.certificates(context.path("certificate").asText()).getFirst();
            leaf.verify(people.root().getPublicKey());
            return leaf.getNotAfter().toInstant().isAfter(now.plus(RENEW_BEFORE_END));
        } catch (GeneralSecurityException e) {
            return false;
        }
    }
}
