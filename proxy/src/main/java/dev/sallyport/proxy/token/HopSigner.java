package dev.sallyport.proxy.token;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.util.Base64;
import dev.sallyport.contract.HopToken;
import dev.sallyport.identity.SvidSource;
import dev.sallyport.identity.X509Svid;
import dev.sallyport.policy.Mesh;
import dev.sallyport.policy.User;
import dev.sallyport.proxy.log.Log;
import dev.sallyport.proxy.token.Voucher.HopText;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Makes hop tokens with the SVID key of this sidecar, for users whose own token it has verified and whose issuer lists its service under {@code verifiedBy}. A signature costs about as much as the verification of the
 * user's token did, is made once for many requests, and only for tokens that were within their peer's budget. Any thread.
 */
public final class HopSigner {
    /** What is left of a hop token's life when the next one is made, so that the request it goes with has time. */
    private static final Duration FRESH = Duration.ofMinutes(1);

    private final SvidSource source;
    private final Supplier<Optional<Ground>> ground;
    private final String service;
    private final SecureRandom random = Secrets.generator();

    /** What a signature rests on: who may vouch for whom, and whose keys are good. */
    public record Ground(Mesh mesh, TokenIssuers issuers) {}

    /** {@code ground}: as it is now; {@code service}: whose sidecar this is. */
    public HopSigner(SvidSource source, Supplier<Optional<Ground>> ground, String service) {
        this.source = source;
        this.ground = ground;
        this.service = service;
    }

    /** A key that was withdrawn proves nobody any more, however long a request stays open that it let in. */
    boolean mayVouch(Voucher.Verified voucher) {
        Optional<Ground> now = ground.get();
        return now.isPresent() && now.get().issuers().stand(voucher.keys(), voucher.key());
    }

    private Optional<Mesh.Issuer> issuer(String name) {
        return ground.get()
                .map(now -> now.mesh().issuers().get(name))
                .filter(issuer -> issuer.hopTokens().verifiedBy().contains(service));
    }

    /** {@code serial}: of the certificate that it is signed under. */
    record Signed(HopText text, String serial) {}

    /**
     * Not under a certificate that was replaced, perhaps because it was revoked; and long enough, or as long as one that would be made now: near the end of a token or a certificate each request would cost a signature
     * otherwise.
     */
    boolean isFresh(Signed signed, User user, Instant now) {
        Optional<X509Svid> svid = source.svid();
        if (svid.isEmpty() || !svid.get().serial().equals(signed.serial())) {
            return false;
        }
        Instant end = signed.text().expiresAt();
        return now.isBefore(end.minus(FRESH)) || (now.isBefore(end) && end.equals(end(user, svid.get(), now)));
    }

    private static Instant end(User user, X509Svid svid, Instant now) {
        return earliest(now.plus(HopToken.LIFE_MAX), user.expiresAt(), svid.notAfter())
                .truncatedTo(ChronoUnit.SECONDS);
    }

    /** Empty when nobody lets us, or when there is nothing left of the token's or the certificate's life. */
    Optional<Signed> sign(User user, Instant now) {
        Optional<X509Svid> svid = source.svid();
        Optional<Mesh.Issuer> issuer = issuer(user.issuer());
        if (svid.isEmpty() || issuer.isEmpty()) {
            return Optional.empty();
        }
        Instant end = end(user, svid.get(), now);
        if (!now.isBefore(end)) {
            return Optional.empty();
        }
        byte[] id = new byte[16];
        random.nextBytes(id);
        HopToken token = new HopToken(
                svid.get().id().trustDomain(),
                HexFormat.of().formatHex(id),
                user.issuer(),
                user.subject(),
                user.roles(),
                user.scopes(),
                issuer.get().hopTokens().travelling(user),
                user.issuedAt(),
                now.truncatedTo(ChronoUnit.SECONDS),
                end);
        try {
            return Optional.of(new Signed(
                    new HopText(signed(token, svid.get()), end), svid.get().serial()));
        } catch (JOSEException | CertificateEncodingException e) {
            Log.error("hop token not signed", "problem", e.getClass().getSimpleName());
            return Optional.empty();
        }
    }

    private static byte[] signed(HopToken token, X509Svid svid) throws JOSEException, CertificateEncodingException {
        List<Base64> chain = new ArrayList<>();
        for (X509Certificate certificate : svid.chain()) {
            chain.add(Base64.encode(certificate.getEncoded()));
        }
        JWSObject jws = new JWSObject(
                new JWSHeader.Builder(JWSAlgorithm.ES256)
                        .type(new JOSEObjectType(HopToken.TYPE))
                        .x509CertChain(chain)
                        .build(),
                new Payload(token.toBytes()));
        jws.sign(new ECDSASigner(svid.privateKey(), Curve.P_256));
        return jws.serialize().getBytes(StandardCharsets.US_ASCII);
    }

    private static Instant earliest(Instant first, Instant second, Instant third) {
        Instant earlier = first.isBefore(second) ? first : second;
        return earlier.isBefore(third) ? earlier : third;
    }
}
