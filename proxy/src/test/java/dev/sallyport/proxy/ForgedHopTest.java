package dev.sallyport.proxy;

import static dev.sallyport.proxy.HopForge.context;
import static dev.sallyport.proxy.HopForge.payload;
import static dev.sallyport.proxy.testing.Forge.quoted;
import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.impl.ECDSA;
import dev.sallyport.audit.AuditRecord;
import dev.sallyport.authority.EmbeddedAuthority;
import dev.sallyport.identity.X509Svid;
import dev.sallyport.proxy.testing.Forge;
import dev.sallyport.proxy.testing.UserTokens;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Attack 54 and its like on hop tokens: orders' sidecar sends payment one that is not what a sidecar signs. Nobody is proven by it, nothing reaches the application, and the reason is on record. */
@Timeout(60)
class ForgedHopTest {
    private static Passing mesh;
    private static HopForge orders;
    private static HopForge payment;
    private static HopForge stranger;
    private static HopForge selfSigned;
    private static HopForge expired;

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        mesh = Passing.open(folder, Passing.DOCUMENTS, Map.of("newTokensPerSecond", 10_000));
        orders = new HopForge(svid(mesh.mesh.authority, "orders"));
        payment = new HopForge(svid(mesh.mesh.authority, "payment"));
        stranger = new HopForge(svid(
                TestMesh.authority(Files.createDirectory(folder.resolve("other")), mesh.mesh.trustDomain), "orders"));
        selfSigned = HopForge.selfSigned(folder);
        expired = HopForge.expired(mesh.mesh, folder);
    }

    @AfterAll
    static void stop() {
        mesh.close();
    }

    private static X509Svid svid(EmbeddedAuthority authority, String service) throws Exception {
        return TestMesh.svid(authority, mesh.mesh.trustDomain.id(TestMesh.pathOf(service)));
    }

    /** The payload with another user in it. */
    private static String altered(String payload) {
        return Forge.base64(new String(Base64.getUrlDecoder().decode(payload), StandardCharsets.UTF_8)
                .replace("\"alice\"", "\"admin\""));
    }

    /** Other octets of the text, none of the signature. */
    private static String notCanonical(String token) {
        String last = token.substring(token.length() - 1);
        String alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        return token.substring(0, token.length() - 1) + alphabet.charAt(alphabet.indexOf(last) ^ 1);
    }

    private static String ask(String... fields) throws Exception {
        return mesh.ask("orders", "payment", "GET /charges", fields);
    }

    private static void assertAlice(String answer) {
        assertThat(answer).startsWith("HTTP/1.1 200 ");
        assertThat(mesh.payment.received())
                .contains("x-sallyport-user: alice\r\n", "x-sallyport-via: orders\r\n")
                .doesNotContain("eyJ");
        AuditRecord record = mesh.inboundRecord("payment");
        assertThat(record.reason).isEqualTo("allowed");
        assertThat(record.userCarried).isEqualTo("verified");
        assertThat(record.userVia).containsExactly("orders");
    }

    private static void assertNobody(String answer, String reason) throws Exception {
        assertThat(answer).startsWith("HTTP/1.1 401 ").doesNotContain(reason, "eyJ");
        assertThat(mesh.payment.received()).isEmpty();
        AuditRecord record = mesh.inboundRecord("payment");
        assertThat(record.reason).isEqualTo(reason);
        assertThat(record.userHash).isNull();
        assertThat(record.userIssuer).isNull();
        assertThat(record.userVia).isNull();
        assertThat(mesh.recorded()).doesNotContain("eyJ");
    }

    static Stream<Supplier<String>> good() {
        return Stream.of(
                () -> orders.token(),
                () -> orders.token("iat", in(-100), "exp", in(200)),
                () -> orders.token("iat", in(4), "exp", in(100)),
                () -> orders.token("exp", in(-2)),
                () -> orders.token("tctx", context("roles", "[\"customer\"," + quoted("r".repeat(6 * 1024)) + "]")),
                () -> orders.signed(orders.header("x5c", HopForge.chain(withRoot())), payload()),
                () -> orders.token(
                        "tctx", context("claims", "{\"dept\":\"toys\",\"amr\":[\"mfa\"]}", "scopes", "[\"read\"]")));
    }

    /** Seconds from now. */
    private static String in(long seconds) {
        return Long.toString(Instant.now().getEpochSecond() + seconds);
    }

    private static List<X509Certificate> withRoot() {
        List<X509Certificate> chain = new ArrayList<>(orders.svid().chain());
        chain.addAll(mesh.mesh.authority.trustBundle().authorities());
        return chain;
    }

    @ParameterizedTest
    @MethodSource("good")
    void tokenAsASidecarSignsItProvesItsUser(Supplier<String> token) throws Exception {
        assertAlice(ask(token.get()));
    }

    private static Arguments forged(String what, String reason, String token) {
        return Arguments.of(what, reason, token);
    }

    private static Arguments header(String reason, String... changes) {
        return forged(String.join("=", changes), reason, orders.signed(orders.header(changes), payload()));
    }

    private static Arguments content(String reason, String... changes) {
        return forged(String.join("=", changes), reason, orders.token(changes));
    }

    static Stream<Arguments> chains() throws Exception {
        List<X509Certificate> chain = orders.svid().chain();
        List<X509Certificate> six = new ArrayList<>(chain);
        while (six.size() < 6) {
            six.add(chain.getLast());
        }
        List<X509Certificate> reversed = new ArrayList<>(chain);
        Collections.reverse(reversed);
        HopForge unseen = new HopForge(svid(mesh.mesh.authority, "orders"));
        String leaf = Base64.getEncoder().encodeToString(chain.getFirst().getEncoded());
        return Stream.of(
                forged("a mesh member that verifies nobody", "token_chain", payment.token()),
                forged("another authority of the same name", "token_chain", stranger.token()),
                forged("a certificate of its own making", "token_chain", selfSigned.token()),
                forged("a leaf that is over", "token_chain", expired.token()),
                forged("no chain", "token_chain", orders.signed(orders.header("x5c", ""), payload())),
                forged(
                        "six certificates",
                        "token_chain",
                        orders.signed(orders.header("x5c", HopForge.chain(six)), payload())),
                forged(
                        "a leaf alone",
                        "token_chain",
                        unseen.signed(
                                unseen.header(
                                        "x5c",
                                        HopForge.chain(unseen.svid().chain().subList(0, 1))),
                                payload())),
                forged(
                        "upside down",
                        "token_chain",
                        orders.signed(orders.header("x5c", HopForge.chain(reversed)), payload())),
                forged("our chain, their key", "token_signature", payment.signed(orders.header(), payload())),
                forged("our chain, a stranger's key", "token_signature", stranger.signed(orders.header(), payload())),
                header("token_chain", "x5c", "[]"),
                header("token_chain", "x5c", "[\"AAAA\"]"),
                header("token_chain", "x5c", "[\"" + leaf.substring(0, 400) + "\"]"),
                header("token_chain", "x5c", "[\"" + leaf + "AAAA\"]"),
                header("token_invalid", "x5c", quoted(leaf)),
                header("token_invalid", "x5c", "[1]"),
                header("token_invalid", "x5c", "[null]"),
                header("token_invalid", "x5c", "{}"));
    }

    static Stream<Arguments> headers() {
        return Stream.of(
                header("token_invalid", "kid", "\"one\""),
                header("token_invalid", "jku", "\"https://auth.shop.example/keys\""),
                header("token_invalid", "x5u", "\"https://auth.shop.example/keys\""),
                header("token_invalid", "jwk", payment.key().toPublicJWK().toJSONString()),
                header("token_invalid", "x5t#S256", "\"AAAA\""),
                header("token_invalid", "crit", "[\"exp\"]"),
                header("token_invalid", "crit", "[]"),
                header("token_invalid", "b64", "false", "crit", "[\"b64\"]"),
                header("token_invalid", "b64", "true"),
                header("token_invalid", "zip", "\"DEF\""),
                header("token_invalid", "cty", "\"JWT\""),
                header("token_invalid", "iss", "\"shop\""),
                header("token_invalid", "typ", "\"JWT\""),
                header("token_invalid", "typ", "\"at+jwt\""),
                header("token_invalid", "typ", "\"TXNTOKEN+JWT\""),
                header("token_invalid", "typ", "\"application/txntoken+jwt\""),
                header("token_invalid", "typ", "[\"txntoken+jwt\"]"),
                header("token_invalid", "typ", ""),
                header("token_invalid", "alg", ""),
                header("token_invalid", "alg", "\"none\""),
                header("token_invalid", "alg", "\"ES384\""),
                header("token_invalid", "alg", "\"es256\""),
                header("token_invalid", "alg", "\"RS256\""));
    }

    static Stream<Arguments> contents() {
        return Stream.of(
                content("token_expired", "exp", in(-6)),
                content("token_invalid", "iat", in(60), "exp", in(100)),
                content("token_invalid", "iat", in(-100), "exp", in(201)),
                content("token_invalid", "exp", "" + Long.MAX_VALUE),
                content("token_invalid", "exp", ""),
                content("token_invalid", "iat", ""),
                content("token_invalid", "exp", "1e10"),
                content("token_invalid", "exp", quoted(in(100))),
                content("token_invalid", "iat", in(3), "exp", in(3)),
                content("token_audience", "aud", "\"spiffe://other.example\""),
                content("token_invalid", "aud", "\"shop.example\""),
                content("token_invalid", "aud", "\"spiffe://shop.example/ns/shop/sa/payment\""),
                content("token_invalid", "aud", "\"SPIFFE://shop.example\""),
                content("token_invalid", "aud", "[\"spiffe://shop.example\"]"),
                content("token_invalid", "aud", ""),
                content("token_issuer", "tctx", context("iss", "\"Shop\"")),
                content("token_issuer", "tctx", context("iss", "\"https://auth.shop.example\"")),
                content("token_invalid", "tctx", context("iss", "")),
                content("token_invalid", "tctx", context("roles", "\"customer\"")),
                content("token_invalid", "tctx", context("roles", "[null]")),
                content("token_invalid", "tctx", context("claims", "{\"dept\":null}")),
                content("token_invalid", "tctx", context("claims", "{\"dept\":{}}")),
                content("token_invalid", "tctx", context("admin", "true")),
                content("token_invalid", "sub", ""),
                content("token_invalid", "sub", "\"\""),
                content("token_invalid", "sub", "\"\\ud800\""),
                content("token_invalid", "v", "2"),
                content("token_invalid", "iss", "\"shop\""),
                content("token_invalid", "act", "{\"sub\":\"bob\"}"));
    }

    static Stream<Arguments> texts() throws JOSEException {
        String good = orders.token();
        String unsigned = good.substring(0, good.lastIndexOf('.') + 1);
        byte[] signature = Base64.getUrlDecoder().decode(good.substring(unsigned.length()));
        String[] parts = good.substring("Txn-Token: ".length()).split("\\.", -1);
        String input = parts[0] + "." + altered(parts[1]) + ".";
        String mac = Forge.input(orders.header("alg", "\"HS256\""), payload());
        byte[] secret = orders.svid().chain().getFirst().getPublicKey().getEncoded();
        String macked = mac + "."
                + new MACSigner(secret)
                        .sign(new JWSHeader(JWSAlgorithm.HS256), mac.getBytes(StandardCharsets.US_ASCII));
        return Stream.of(
                forged("empty", "token_invalid", "Txn-Token:"),
                forged("no token", "token_invalid", "Txn-Token: alice"),
                forged("a scheme before it", "token_invalid", good.replace(": ", ": Bearer ")),
                forged("two of them", "token_invalid", good + "," + parts[0] + "." + parts[1] + "." + parts[2]),
                forged("two fields", "token_invalid", good + "\r\n" + good),
                forged("two fields of two spellings", "token_invalid", good + "\r\ntxn_token: x"),
                forged("five parts", "token_invalid", good + ".a.b"),
                forged("four parts", "token_invalid", good + "."),
                forged("no signature", "token_invalid", unsigned),
                forged("r and s are 0", "token_signature", unsigned + Forge.base64(new byte[64])),
                forged("DER", "token_signature", unsigned + Forge.base64(ECDSA.transcodeSignatureToDER(signature))),
                forged(
                        "an octet too few",
                        "token_signature",
                        unsigned + Forge.base64(java.util.Arrays.copyOf(signature, 63))),
                forged(
                        "another signature",
                        "token_signature",
                        unsigned + orders.token("sub", "\"bob\"").split("\\.", -1)[2]),
                forged("not canonical", "token_invalid", notCanonical(good)),
                forged("padded", "token_invalid", good + "=="),
                forged("another alphabet", "token_invalid", good.replace(parts[1], parts[1].substring(1) + "+")),
                forged("another payload", "token_signature", HopForge.field(input + parts[2])),
                forged(
                        "another header",
                        "token_signature",
                        HopForge.field(
                                Forge.base64(orders.header().replace("{", "{ ")) + "." + parts[1] + "." + parts[2])),
                forged("HS256 by the public key", "token_invalid", HopForge.field(macked)),
                forged(
                        "its payload twice sub",
                        "token_invalid",
                        orders.signed(orders.header(), payload().replace("{\"aud\"", "{\"sub\":\"bob\",\"aud\""))),
                forged(
                        "its header twice alg",
                        "token_invalid",
                        orders.signed(orders.header().replace("{\"alg\"", "{\"alg\":\"none\",\"alg\""), payload())),
                forged(
                        "something after its payload",
                        "token_invalid",
                        orders.signed(orders.header(), payload() + "{}")),
                forged(
                        "more than a token's content may be",
                        "token_invalid",
                        orders.token("tctx", context("roles", "[" + quoted("r".repeat(8 * 1024)) + "]"))),
                forged(
                        "more than a token may be",
                        "token_invalid",
                        orders.token("tctx", context("roles", "[" + quoted("r".repeat(15 * 1024)) + "]"))),
                forged(
                        "a user's own token",
                        "token_invalid",
                        UserTokens.bearer(mesh.mesh.issuerKey).replace("Authorization: Bearer ", "Txn-Token: ")));
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource({"chains", "headers", "contents", "texts"})
    void forgedTokenProvesNobody(String what, String reason, String token) throws Exception {
        assertNobody(ask(token), reason);
    }

    @Test
    void hopTokenIsNobodysOwnToken() throws Exception {
        String token = orders.token();
        String bearer = token.replace("Txn-Token: ", "Authorization: Bearer ");
        assertNobody(ask(bearer), "token_issuer");
        assertNobody(mesh.ask("orders", "payment", "GET /own", bearer), "token_issuer");
        assertNobody(mesh.ask("orders", "payment", "GET /own", token), "token_missing");
        assertAlice(ask(token));
    }

    @Test
    void serviceThatIsNotTrustedWithUsersCannotInventOneForItself() throws Exception {
        String invented = payment.token("sub", "\"alice\"");
        String answer = mesh.ask("payment", "web", "GET /receipts", invented);
        assertThat(answer).startsWith("HTTP/1.1 401 ");
        assertThat(mesh.inboundRecord("web").reason).isEqualTo("token_chain");
        assertThat(mesh.web.received()).isEmpty();
        assertThat(mesh.ask("payment", "web", "GET /receipts", orders.token(), "x-sallyport-via: orders"))
                .startsWith("HTTP/1.1 200 ");
        assertThat(mesh.web.received()).contains("x-sallyport-user: alice\r\n");
    }
}
