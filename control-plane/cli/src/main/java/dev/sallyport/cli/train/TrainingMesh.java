package dev.sallyport.cli.train;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.sallyport.cli.CliException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;

/**
 * The mesh of a training: two services that call each other, so that each sidecar takes both sides of a hop. Everything that they read lies in one folder.
 *
 * @param tokens of its users
 */
record TrainingMesh(Path folder, List<String> tokens) {
    static final String TRAINED = "trained";
    static final String PARTNER = "partner";

    /** More than one, because a token that was seen before is not verified again. */
    private static final int USERS = 20;

    private static final String ISSUER = "https://issuer.training.example";

    private static final String MESH =
            """
            apiVersion: sallyport.dev/v1
            kind: Mesh
            metadata: {name: training}
            spec:
              trustDomain: training.example
              issuers:
                training: {issuer: "%s", audiences: [training], algorithms: [ES256], roles: roles}
              services:
                trained: {identity: "%s", ports: {8080: http}}
                partner: {identity: "%s", ports: {8080: http}}
            """.formatted(ISSUER, TrainingCertificates.identity(TRAINED), TrainingCertificates.identity(PARTNER));

    private static final String RULES = """
            ---
            apiVersion: sallyport.dev/v1
            kind: RoutePolicy
            metadata: {name: %1$s}
            spec:
              service: %1$s
              routes:
                read: {match: "GET /things/{id}", allow: {known: {from: [%2$s], user: {issuer: training, anyRole: [customer]}}}}
                write: {match: "POST /things/{id}", audit: required, allow: {known: {from: [%2$s], user: {issuer: training, anyRole: [customer]}}}}
                remove: {match: "DELETE /things/{id}", allow: {known: {from: [%2$s], user: {issuer: training, anyRole: [operator]}}}}
            """;

    /** {@code applicationPort}: on loopback, of what both services do. */
    static TrainingMesh write(Path folder, int applicationPort) throws CliException, IOException, InterruptedException {
        TrainingCertificates.write(folder, List.of(TRAINED, PARTNER));
        Files.writeString(
                folder.resolve("mesh.yaml"),
                MESH + RULES.formatted(TRAINED, PARTNER) + RULES.formatted(PARTNER, TRAINED));
        ECKey key = newKey();
        Files.writeString(folder.resolve("issuer.jwks"), new JWKSet(key.toPublicJWK()).toString());
        Steps.sallyport(folder, "policy", "key", "signing.jwk");
        int[] ports = freePorts();
        side(folder, TRAINED, ports[0], PARTNER, ports[1], applicationPort);
        side(folder, PARTNER, ports[1], TRAINED, ports[0], applicationPort);
        return new TrainingMesh(folder, tokens(key));
    }

    Path config(String service) {
        return folder.resolve(service + ".yaml");
    }

    private static void side(Path folder, String service, int port, String callee, int calleePort, int application)
            throws CliException, IOException, InterruptedException {
        // Paths are relative to the file.
        Files.writeString(folder.resolve(service + ".yaml"), """
            service: %1$s
            application: 127.0.0.1:%3$d
            stateDirectory: ./state-%1$s
            standalone:
              snapshot: ./%1$s.jws
              trustKey: ./signing.pub.jwk
              certificate: ./%1$s.pem
              privateKey: ./%1$s.key
              trustBundle: ./ca.pem
            inbound: {listen: "127.0.0.1:%4$d"}
            outbound: {listen: "127.0.0.1:0", upstreams: {%2$s: "127.0.0.1:0"}}
            admin: {listen: "127.0.0.1:0"}
            metrics: {listen: "127.0.0.1:0"}
            health: {listen: "127.0.0.1:0"}
            """.formatted(service, callee, application, port));
        Steps.sallyport(
                folder,
                "policy build mesh.yaml --service %1$s --key signing.jwk --jwks training=issuer.jwks --endpoint %2$s=127.0.0.1:%3$d --out %1$s.jws"
                        .formatted(service, callee, calleePort)
                        .split(" ", -1));
    }

    /** Both at once, or they could be the same. Snapshots name the sidecars' ports before these are there. */
    private static int[] freePorts() throws IOException {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        try (ServerSocket one = new ServerSocket(0, 1, loopback);
                ServerSocket other = new ServerSocket(0, 1, loopback)) {
            return new int[] {one.getLocalPort(), other.getLocalPort()};
        }
    }

    private static ECKey newKey() {
        try {
            return new ECKeyGenerator(Curve.P_256).keyID("training").generate();
        } catch (JOSEException e) {
            throw new IllegalStateException("every JDK has P-256", e);
        }
    }

    private static List<String> tokens(ECKey key) {
        Instant now = Instant.now();
        List<String> tokens = new ArrayList<>();
        for (int user = 0; user < USERS; user++) {
            tokens.add(token(key, "user-" + user, now));
        }
        return tokens;
    }

    private static String token(ECKey key, String subject, Instant now) {
        SignedJWT token = new SignedJWT(
                new JWSHeader.Builder(JWSAlgorithm.ES256).keyID(key.getKeyID()).build(),
                new JWTClaimsSet.Builder()
                        .issuer(ISSUER)
                        .subject(subject)
                        .audience("training")
                        .issueTime(Date.from(now))
                        .expirationTime(Date.from(now.plusSeconds(600)))
                        .claim("roles", List.of("customer"))
                        .build());
        try {
            token.sign(new ECDSASigner(key));
        } catch (JOSEException e) {
            throw new IllegalStateException("a key of P-256 signs ES256", e);
        }
        return token.serialize();
    }
}
