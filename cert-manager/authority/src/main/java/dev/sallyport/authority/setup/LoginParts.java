package dev.sallyport.authority.setup;

import dev.sallyport.authority.vault.VaultAuth;
import dev.sallyport.document.Documents;
import dev.sallyport.document.Fields;
import dev.sallyport.document.InvalidDocumentException;
import dev.sallyport.document.Node;
import dev.sallyport.document.Problems;
import dev.sallyport.document.Source;
import dev.sallyport.identity.Pem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x500.style.IETFUtils;
import org.bouncycastle.cert.jcajce.JcaX509CertificateHolder;

/** By which the control plane logs in: the auth method of the settings, and its role there, which gives {@code policy} and nothing else. */
final class LoginParts {
    private static final Duration TOKEN_TTL = Duration.ofHours(1);
    private static final Duration TOKEN_TTL_MAX = Duration.ofHours(24);

    private LoginParts() {}

    /** IOException: a JWT or certificate that the role is to accept cannot be read. */
    static List<Part> of(VaultAuth auth, String policy) throws IOException {
        return switch (auth) {
            case VaultAuth.AppRole appRole ->
                List.of(
                        new AuthMount(appRole.mount(), "approle", false),
                        Thing.of(rolePath(appRole), appRole(policy).toArray(Property[]::new)));
            case VaultAuth.Jwt jwt ->
                List.of(
                        new AuthMount(jwt.mount(), "jwt", true),
                        Thing.of(
                                "auth/" + jwt.mount() + "/role/" + jwt.role(),
                                jwt(policy, jwt.jwtFile()).toArray(Property[]::new)));
            case VaultAuth.Certificate certificate ->
                List.of(
                        new AuthMount(certificate.mount(), "cert", false),
                        Thing.of(
                                "auth/" + certificate.mount() + "/certs/" + certificate.role(),
                                certificate(policy, certificate.certificateFile())
                                        .toArray(Property[]::new)));
            case VaultAuth.TokenFile _ -> List.of();
        };
    }

    static String rolePath(VaultAuth.AppRole appRole) {
        return "auth/" + appRole.mount() + "/role/" + appRole.role();
    }

    /** No number of uses: a control plane that logs in again would one day use the last. */
    private static List<Property> appRole(String policy) {
        List<Property> properties = token(policy);
        properties.add(Property.is("bind_secret_id", true));
        properties.add(Property.is("secret_id_num_uses", 0L));
        return properties;
    }

    /** The token in the file says for whom: this subject and this audience, no other. It is not verified here; that is for Vault to do. */
    private static List<Property> jwt(String policy, Path file) throws IOException {
        List<Property> properties = token(policy);
        String[] parts =
                Files.readString(file, StandardCharsets.US_ASCII).strip().split("\\.", -1);
        try {
            if (parts.length != 3) {
                throw new IllegalArgumentException("three parts");
            }
            String claims = new String(Base64.getUrlDecoder().decode(parts[1]), StandardCharsets.UTF_8);
            Problems problems = new Problems();
            List<Node> nodes = Documents.parse(new Source(file + ".json", claims), problems);
            problems.throwIfAny();
            Fields fields = Fields.of(nodes.getFirst(), "", problems);
            properties.add(Property.is("role_type", "jwt"));
            properties.add(Property.is("user_claim", "sub"));
            properties.add(Property.is("bound_subject", fields.text("sub")));
            properties.add(Property.is("bound_audiences", fields.texts("aud")));
            problems.throwIfAny();
            return properties;
        } catch (IllegalArgumentException | InvalidDocumentException e) {
            // Not quoted: it is a token.
            throw new IOException(
                    "jwtFile: " + file + " (expected: a JWT with sub and aud, which the role shall accept)");
        }
    }

    /** Of a chain its issuer is trusted, for this name alone; of a certificate alone, itself. By its common name Vault calls who logs in: without one every login ends as 500. */
    private static List<Property> certificate(String policy, Path file) throws IOException {
        List<Property> properties = token(policy);
        try {
            List<X509Certificate> chain = Pem.certificates(Files.readString(file, StandardCharsets.US_ASCII));
            RDN[] names =
                    new JcaX509CertificateHolder(chain.getFirst()).getSubject().getRDNs(BCStyle.CN);
            if (names.length == 0) {
                throw new IOException("certificateFile: " + file
                        + ": no common name (expected: one, by which Vault knows" + " who logs in)");
            }
            properties.add(Property.is(
                    "certificate", Pem.encode(List.of(chain.getLast())).strip()));
            properties.add(Property.is(
                    "allowed_common_names",
                    List.of(IETFUtils.valueToString(names[0].getFirst().getValue()))));
            return properties;
        } catch (CertificateException e) {
            throw new IOException("certificateFile: " + file + ": " + e.getMessage());
        }
    }

    private static List<Property> token(String policy) {
        return new ArrayList<>(List.of(
                Property.is("token_policies", List.of(policy)),
                Property.is("token_no_default_policy", true),
                Property.present("token_ttl", TOKEN_TTL),
                Property.present("token_max_ttl", TOKEN_TTL_MAX),
                Property.is("token_num_uses", 0L)));
    }
}
