package dev.sallyport.authority;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.identity.CertificateSigningRequest;
import dev.sallyport.identity.SpiffeId;
import dev.sallyport.identity.TrustDomain;
import dev.sallyport.identity.X509Svid;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** 20,000 requests that were good once. Each is refused as a request, or gets what was asked for beside it: this identity, for the key that signed it. */
class RequestMutationTest {
    private static final long SEED = 20_000;
    private static final TrustDomain SHOP = new TrustDomain("shop.example");
    private static final SpiffeId ORDERS = new SpiffeId(SHOP, "/ns/shop/sa/orders");

    @TempDir
    Path folder;

    private final Random random = new Random(SEED);
    private final KeyPair keys = CertificateSigningRequest.newKeyPair();
    private EmbeddedAuthority authority;

    @BeforeEach
    void firstStart() throws Exception {
        Clock clock = Clock.fixed(Instant.parse("2026-06-01T12:00:00Z"), ZoneOffset.UTC);
        var encryption = KeyEncryption.fromFile(folder.resolve("ca.key"));
        authority = EmbeddedAuthority.open(folder.resolve("authority"), SHOP, encryption, clock);
    }

    /** No signature fits any more: what the parsers make of it is all there is. */
    @Test
    void alteredRequestIsRefused() throws Exception {
        List<byte[]> samples = samples();
        for (int i = 0; i < 17_000; i++) {
            byte[] sample = samples.get(i % samples.size());
            byte[] request = altered(sample);
            assertThat(issued(request) && !Arrays.equals(request, sample))
                    .as(describe(i, request))
                    .isFalse();
        }
    }

    /** Signed again after it was altered, so that some of it comes through. */
    @Test
    void requestThatWasAlteredBeforeItWasSignedNamesNobodyElse() throws Exception {
        List<byte[]> samples = samples();
        int issued = 0;
        for (int i = 0; i < 3_000; i++) {
            byte[] info = new PKCS10CertificationRequest(samples.get(i % samples.size()))
                    .toASN1Structure()
                    .getCertificationRequestInfo()
                    .getEncoded();
            byte[] request = Requests.signed(altered(info), keys.getPrivate());
            issued += issued(request) ? 1 : 0;
        }
        assertThat(issued).as("issued of 3,000, seed %d", SEED).isBetween(30, 2_900);
    }

    /** False for a refusal; anything else that is thrown fails the test. */
    private boolean issued(byte[] request) throws Exception {
        try {
            IssuedCertificate issued = authority.issue(request, ORDERS, Duration.ofHours(1));
            X509Certificate leaf = issued.leaf();
            assertThat(X509Svid.leafId(leaf)).isEqualTo(ORDERS);
            assertThat(leaf.getSubjectX500Principal().getName()).isEmpty();
            assertThat(leaf.getPublicKey()).isEqualTo(keys.getPublic());
            return true;
        } catch (IssuanceRefusedException e) {
            assertThat(e.getMessage()).startsWith("signing request").contains("expected: ");
            return false;
        }
    }

    private List<byte[]> samples() throws Exception {
        KeyPair p384 = Requests.ec("secp384r1");
        return List.of(
                CertificateSigningRequest.der(keys),
                Requests.greedy(keys, "spiffe://shop.example/ns/shop/sa/payment"),
                Requests.request(keys, keys, "SHA256withECDSA"),
                Requests.request(p384, p384, "SHA256withECDSA"));
    }

    /** One to three times: a bit flipped, a byte replaced, a piece left out, said twice, or put elsewhere. */
    private byte[] altered(byte[] bytes) {
        byte[] altered = bytes.clone();
        for (int times = random.nextInt(1, 4); times > 0; times--) {
            int at = random.nextInt(altered.length);
            int end = Math.min(altered.length, at + random.nextInt(1, 20));
            altered = switch (random.nextInt(5)) {
                case 0 -> with(altered, at, altered[at] ^ (1 << random.nextInt(8)));
                case 1 -> with(altered, at, random.nextInt(256));
                case 2 -> joined(altered, 0, at, end, altered.length);
                case 3 -> joined(altered, 0, end, at, altered.length);
                default -> joined(altered, at, altered.length, 0, at);
            };
            if (altered.length == 0) {
                return altered;
            }
        }
        return altered;
    }

    private static byte[] with(byte[] bytes, int at, int value) {
        byte[] copy = bytes.clone();
        copy[at] = (byte) value;
        return copy;
    }

    /** Two pieces of it. */
    private static byte[] joined(byte[] bytes, int from, int to, int nextFrom, int nextTo) {
        var joined = new ByteArrayOutputStream();
        joined.write(bytes, from, to - from);
        joined.write(bytes, nextFrom, nextTo - nextFrom);
        return joined.toByteArray();
    }

    private static String describe(int number, byte[] request) {
        return "seed " + SEED + ", number " + number + ": " + HexFormat.of().formatHex(request);
    }
}
