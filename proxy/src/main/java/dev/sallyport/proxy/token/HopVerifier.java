package dev.sallyport.proxy.token;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.util.Base64;
import dev.sallyport.contract.HopToken;
import dev.sallyport.contract.InvalidMessageException;
import dev.sallyport.identity.SpiffeId;
import dev.sallyport.identity.SvidRejectedException;
import dev.sallyport.identity.SvidSource;
import dev.sallyport.identity.SvidVerifier;
import dev.sallyport.identity.X509Svid;
import dev.sallyport.policy.Mesh;
import dev.sallyport.policy.Reason;
import dev.sallyport.policy.RoutePolicy.Via;
import dev.sallyport.policy.User;
import dev.sallyport.policy.UserFact;
import dev.sallyport.proxy.http.Field;
import dev.sallyport.proxy.http.RequestHead;
import dev.sallyport.proxy.token.Voucher.HopText;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A hop token → whose user it proves, and through which services the user came. The chain in {@code x5c} is checked by the verifier of peers, revocation included, and no service on the way is revoked; the signer must be a service that the user's issuer trusts with
 * it; both ends of the way here are proven, by the signature and by the peer's certificate, and what lies between them is what the peer says. One per event loop; never blocks.
 */
public final class HopVerifier {
    /** A user's token of 8 KiB, and a chain of certificates. */
    private static final int TOKEN_BYTES_MAX = 20 * 1024;

    private static final int CERTIFICATES_MAX = 5;
    /** Nothing that a reader might act on: no {@code jku}, {@code jwk}, {@code kid}, {@code crit}. */
    private static final Set<String> HEADER = Set.of("alg", "typ", "x5c");

    /** A proof, with everything that may end it before its time. */
    private record Known(
            TokenResult result, HopToken token, List<X509Certificate> chain, SpiffeId signer, SpiffeId caller) {
        User user() {
            return ((UserFact.Verified) result.fact()).user();
        }
    }

    /** Why there is no proof. */
    private static final class RefusedException extends Exception {
        private static final long serialVersionUID = 1;
        private final transient TokenResult result;
        /** It will be as bad in a moment. */
        private final boolean lasting;

        RefusedException(Reason reason) {
            this(TokenResult.bad(reason), true);
        }

        RefusedException(TokenResult result, boolean lasting) {
            super("", null, false, false);
            this.result = result;
            this.lasting = lasting;
        }
    }

    private final SvidSource source;
    private final SvidVerifier svids;
    private final Proofs<Known> proofs = new Proofs<>();
    private final TokenDigest digest = TokenDigest.create();
    private Optional<Mesh> current = Optional.empty();
    private long generation = -1;

    /** {@code svids}: the verifier of peers, of the same {@code source}. */
    public HopVerifier(SvidSource source, SvidVerifier svids) {
        this.source = source;
        this.svids = svids;
    }

    /** The hop token of {@code head}, which {@code caller}, the proven peer, sent; {@code mesh} and {@code budget} as of {@link TokenVerifier#verify}. */
    public TokenResult verify(RequestHead head, SpiffeId caller, Mesh mesh, Budget budget, Instant now) {
        int fields = head.count(Field.TXN_TOKEN);
        if (fields == 0) {
            return TokenResult.ABSENT;
        }
        List<String> via = head.values(HopToken.VIA_FIELD);
        int from = head.valueStart(Field.TXN_TOKEN);
        int to = head.valueEnd(Field.TXN_TOKEN);
        if (fields > 1 || via.size() > 1 || from == to || to - from > TOKEN_BYTES_MAX) {
            return TokenResult.bad(Reason.TOKEN_INVALID);
        }
        follow(mesh, now);
        byte[] way = (via.isEmpty() ? "" : via.getFirst()).getBytes(StandardCharsets.ISO_8859_1);
        byte[] peer = caller.toString().getBytes(StandardCharsets.ISO_8859_1);
        digest.with(way, 0, way.length).with(peer, 0, peer.length).of(head.array(), from, to);
        Known known = proofs.proven(digest);
        if (known != null) {
            return ended(known, now) ? TokenResult.bad(Reason.TOKEN_EXPIRED) : known.result();
        }
        Optional<TokenResult> refused = proofs.refused(digest, now);
        if (refused.isPresent()) {
            return refused.get();
        }
        byte[] text = Arrays.copyOfRange(head.array(), from, to);
        try {
            Known proof = prove(text, via, caller, mesh, budget, now);
            proofs.keep(digest, proof);
            return proof.result();
        } catch (RefusedException e) {
            if (e.lasting) {
                proofs.refuse(digest, e.result, now);
            }
            return e.result;
        }
    }

    /** Another Mesh, another certificate of ours, other bundles or revocations: what was proven is proven again as far as they matter, which costs no signature of a token. */
    @SuppressWarnings("ReferenceEquality") // A snapshot's own: the same as long as it is in force.
    private void follow(Mesh mesh, Instant time) {
        long now = source.generation();
        if (current.isPresent() && current.get() == mesh && generation == now) {
            return;
        }
        boolean alike = generation == now && current.isPresent() && isLike(current.get(), mesh);
        current = Optional.of(mesh);
        generation = now;
        if (!alike) {
            Map<List<X509Certificate>, Boolean> chains = new HashMap<>(); // each once: few signers, many users
            proofs.keepOnly(known -> !ended(known, time)
                    && chains.computeIfAbsent(known.chain(), chain -> trusted(chain, known.signer()))
                    && stands(known, mesh));
        }
    }

    /** In all that a proof rests on. */
    private static boolean isLike(Mesh one, Mesh other) {
        return one.trustDomain().equals(other.trustDomain())
                && one.issuers().equals(other.issuers())
                && one.services().equals(other.services());
    }

    private boolean trusted(List<X509Certificate> chain, SpiffeId signer) {
        try {
            return svids.verify(chain).equals(signer);
        } catch (SvidRejectedException gone) {
            return false;
        }
    }

    private boolean stands(Known known, Mesh mesh) {
        try {
            return known.user().equals(user(known.token(), known.signer(), known.caller(), way(known), mesh));
        } catch (RefusedException gone) {
            return false;
        }
    }

    private static List<String> way(Known known) {
        List<String> carriedBy = known.user().carriedBy();
        return carriedBy.size() == 1 ? List.of() : carriedBy.subList(0, carriedBy.size() - 1);
    }

    private static boolean ended(Known known, Instant now) {
        return !now.isBefore(known.token().expiresAt().plus(Mesh.HopTokens.CLOCK_SKEW))
                || now.isAfter(known.chain().getFirst().getNotAfter().toInstant());
    }

    private Known prove(byte[] text, List<String> via, SpiffeId caller, Mesh mesh, Budget budget, Instant now)
            throws RefusedException {
        Jws jws = Jws.parse(new String(text, StandardCharsets.ISO_8859_1))
                .orElseThrow(() -> new RefusedException(Reason.TOKEN_INVALID));
        boolean formed = HEADER.containsAll(jws.fields().keySet())
                && HopToken.TYPE.equals(jws.fields().get("typ"))
                && jws.header().getAlgorithm().equals(JWSAlgorithm.ES256);
        if (!formed) {
            throw new RefusedException(Reason.TOKEN_INVALID);
        }
        HopToken token = payload(jws);
        List<X509Certificate> chain = chain(jws);
        if (!budget.take()) { // From here on it costs signatures: of certificates, and of the token.
            throw new RefusedException(TokenResult.UNJUDGED, false);
        }
        SpiffeId signer = signer(chain);
        User user = user(token, signer, caller, way(via), mesh);
        if (!signed(jws, chain.getFirst())) {
            throw new RefusedException(Reason.TOKEN_SIGNATURE);
        }
        checkTimes(token, now);
        TokenResult good = new TokenResult(
                new UserFact.Verified(user),
                Optional.empty(),
                Optional.of(new Voucher.Carried(
                        user,
                        new HopText(text, token.expiresAt()),
                        new Carriers(source, svids, chain, identities(user.carriedBy(), mesh))::trusted)));
        return new Known(good, token, chain, signer, caller);
    }

    private static HopToken payload(Jws jws) throws RefusedException {
        try {
            return HopToken.ofBytes(jws.payloadBytes());
        } catch (InvalidMessageException e) {
            throw new RefusedException(Reason.TOKEN_INVALID);
        }
    }

    private static List<X509Certificate> chain(Jws jws) throws RefusedException {
        List<Base64> encoded = jws.header().getX509CertChain();
        if (encoded == null || encoded.isEmpty() || encoded.size() > CERTIFICATES_MAX) {
            throw new RefusedException(Reason.TOKEN_CHAIN);
        }
        List<X509Certificate> chain = new ArrayList<>();
        try {
            for (Base64 certificate : encoded) {
                chain.add(X509Svid.certificate(certificate.decode()));
            }
        } catch (SvidRejectedException e) {
            throw new RefusedException(Reason.TOKEN_CHAIN);
        }
        return List.copyOf(chain);
    }

    private SpiffeId signer(List<X509Certificate> chain) throws RefusedException {
        try {
            return svids.verify(chain);
        } catch (SvidRejectedException e) {
            throw new RefusedException(Reason.TOKEN_CHAIN);
        }
    }

    /** The services before the caller, as the caller has them. */
    private static List<String> way(List<String> via) throws RefusedException {
        if (via.isEmpty()) {
            return List.of();
        }
        String[] names = via.getFirst().split(",", Via.HOPS_MAX + 1);
        if (names.length > Via.HOPS_MAX) {
            throw new RefusedException(Reason.TOKEN_CHAIN);
        }
        return List.of(names);
    }

    /** Who may vouch for the user, and through whom the user came: the first is the signer, the last the caller. */
    private User user(HopToken token, SpiffeId signer, SpiffeId caller, List<String> way, Mesh mesh)
            throws RefusedException {
        if (!token.audience().equals(mesh.trustDomain())) {
            throw new RefusedException(Reason.TOKEN_AUDIENCE);
        }
        Mesh.Issuer issuer = mesh.issuers().get(token.issuer());
        if (issuer == null) {
            throw new RefusedException(Reason.TOKEN_ISSUER);
        }
        String first = service(signer, mesh);
        String last = service(caller, mesh);
        boolean known = way.stream().allMatch(name -> mesh.services().containsKey(name));
        boolean begins = way.isEmpty() ? first.equals(last) : first.equals(way.getFirst());
        if (!issuer.hopTokens().verifiedBy().contains(first) || !known || !begins) {
            throw new RefusedException(Reason.TOKEN_CHAIN);
        }
        List<String> carriedBy = new ArrayList<>(way);
        carriedBy.add(last);
        if (Carriers.anyRevoked(source.revocations(), identities(carriedBy, mesh))) {
            throw new RefusedException(Reason.TOKEN_CHAIN);
        }
        return token.user(carriedBy);
    }

    /** Of services that the Mesh declares. */
    private static Set<SpiffeId> identities(List<String> services, Mesh mesh) {
        return services.stream()
                .flatMap(name -> Stream.ofNullable(mesh.services().get(name)))
                .map(Mesh.Service::identity)
                .collect(Collectors.toSet());
    }

    private static String service(SpiffeId id, Mesh mesh) throws RefusedException {
        return mesh.serviceOf(id).map(Mesh.Service::name).orElseThrow(() -> new RefusedException(Reason.TOKEN_CHAIN));
    }

    private static boolean signed(Jws jws, X509Certificate leaf) {
        try {
            return leaf.getPublicKey() instanceof ECPublicKey key && jws.signedBy(new ECDSAVerifier(key));
        } catch (JOSEException e) {
            return false;
        }
    }

    private static void checkTimes(HopToken token, Instant now) throws RefusedException {
        if (!now.isBefore(token.expiresAt().plus(Mesh.HopTokens.CLOCK_SKEW))) {
            throw new RefusedException(Reason.TOKEN_EXPIRED);
        }
        if (token.issuedAt().isAfter(now.plus(Mesh.HopTokens.CLOCK_SKEW))) {
            throw new RefusedException(TokenResult.bad(Reason.TOKEN_INVALID), false); // It will be good.
        }
        boolean ordered = token.issuedAt().isBefore(token.expiresAt())
                && !token.expiresAt().isAfter(token.issuedAt().plus(HopToken.LIFE_MAX));
        if (!ordered) {
            throw new RefusedException(Reason.TOKEN_INVALID);
        }
    }
}
