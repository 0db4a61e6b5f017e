package dev.sallyport.contract;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import dev.sallyport.authority.EmbeddedAuthority;
import dev.sallyport.authority.KeyEncryption;
import dev.sallyport.document.HostPort;
import dev.sallyport.identity.InvalidSpiffeIdException;
import dev.sallyport.identity.Revocations;
import dev.sallyport.identity.SpiffeId;
import dev.sallyport.identity.TrustBundle;
import dev.sallyport.identity.TrustDomain;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Messages made at random from a seed, with a real trust bundle and real keys. */
final class Samples {
    static final String MESH = "shop";
    static final TrustDomain DOMAIN = trustDomain();

    /** What a careless encoder would get wrong: quotes, controls, beyond the BMP, separators of JavaScript. */
    private static final String[] PIECES = {
        "a", "Z", "0", "\"", "\\", "\n", "\u0000", "\u2028", "é", "\uD83D\uDE80", "/"
    };

    private final Random random;
    private final TrustBundle bundle;
    private final String jwks;

    Samples(long seed, TrustBundle bundle) {
        this.random = new Random(seed);
        this.bundle = bundle;
        this.jwks = new JWKSet(key("issuer").toPublicJWK()).toString();
    }

    static TrustBundle bundle(Path folder) throws IOException {
        return EmbeddedAuthority.open(
                        folder.resolve("ca"),
                        DOMAIN,
                        KeyEncryption.fromFile(folder.resolve("keys/ca.key")),
                        Clock.systemUTC())
                .trustBundle();
    }

    static ECKey key(String id) {
        try {
            return new ECKeyGenerator(Curve.P_256).keyID(id).generate();
        } catch (JOSEException e) {
            throw new AssertionError(e);
        }
    }

    static SpiffeId id(String service) {
        try {
            return DOMAIN.id("/ns/shop/sa/" + service);
        } catch (InvalidSpiffeIdException e) {
            throw new AssertionError(e);
        }
    }

    MeshSnapshot snapshot(SpiffeId recipient, long epoch) {
        Instant issued = instant();
        TreeMap<String, String> keys = new TreeMap<>();
        TreeMap<String, List<HostPort>> endpoints = new TreeMap<>();
        TreeSet<String> serials = new TreeSet<>();
        Set<SpiffeId> identities = new TreeSet<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            keys.put(text(), jwks);
            endpoints.put(text(), hostPorts());
            serials.add(Long.toHexString(random.nextLong()));
            identities.add(id("s" + random.nextInt(100)));
        }
        return new MeshSnapshot(
                MESH,
                recipient,
                "orders",
                epoch,
                random.nextLong(Long.MAX_VALUE),
                issued,
                issued.plusSeconds(86_400),
                new MeshSnapshot.Trust(List.of(bundle)),
                new MeshSnapshot.Keys(keys),
                new Revocations(serials, identities),
                new MeshSnapshot.Policy(text(), text()),
                new MeshSnapshot.Endpoints(endpoints));
    }

    JoinFile joinFile() {
        return new JoinFile(
                text(), text(), id("orders"), hostPort(), hostPort(), bundle, List.of(key("root")), text(), instant());
    }

    /** One of every kind that {@link Wire#encode} takes. */
    List<Object> messages() {
        return List.of(
                new Wire.Enrolment(text(), text(), text(), text()),
                new Wire.Renewal(text(), text()),
                new Wire.Issued(text(), instant(), instant()),
                new Wire.Hello(text(), hostPort(), -1, random.nextLong(Long.MAX_VALUE), text(), text()),
                new Wire.Ack(text(), 0, 7, text(), text(), instant(), Optional.empty()),
                new Wire.Ack(text(), -1, -1, text(), text(), instant(), Optional.of(text())),
                new Wire.KeyWanted(text(), text()),
                new Wire.Down.Snapshot(text(), SignedSnapshot.sign(snapshot(id("orders"), 1), key("signing"))),
                new Wire.CanaryRequest(text(), text(), text()),
                new Wire.CanaryResult(text(), text(), Optional.empty()),
                new Wire.CanaryResult(text(), text(), Optional.of(text())),
                new Wire.Down.Rotate(text()),
                new Wire.Down.Try(text()),
                new Wire.Down.Heartbeat(instant()));
    }

    private String text() {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(20); i >= 0; i--) {
            text.append(PIECES[random.nextInt(PIECES.length)]);
        }
        return text.toString();
    }

    private Instant instant() {
        return Instant.ofEpochSecond(random.nextLong(4_000_000_000L), random.nextInt(1_000_000_000));
    }

    private List<HostPort> hostPorts() {
        List<HostPort> addresses = new ArrayList<>();
        for (int i = random.nextInt(3); i > 0; i--) {
            addresses.add(hostPort());
        }
        return addresses;
    }

    private HostPort hostPort() {
        return new HostPort(
                random.nextBoolean() ? "10.0.0." + random.nextInt(256) : "2001:db8::1", random.nextInt(65_536));
    }

    private static TrustDomain trustDomain() {
        try {
            return TrustDomain.parse("shop.example");
        } catch (InvalidSpiffeIdException e) {
            throw new AssertionError(e);
        }
    }
}
