package dev.sallyport.server.fetch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.policy.AddressRange;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a server may do to us, against real ones. */
class FetchTest {
    private static final Duration SHORT = Duration.ofMillis(400);

    private TestProvider provider;

    @BeforeEach
    void start() throws IOException {
        provider = TestProvider.http();
    }

    @AfterEach
    void stop() {
        provider.close();
    }

    private Targets own() {
        return new Targets(URI.create(provider.base()), List.of());
    }

    private static Targets listed(TestProvider provider, String range) {
        return new Targets(
                URI.create(provider.base()), List.of(AddressRange.parse(range).orElseThrow()));
    }

    private String get(String path) throws Exception {
        return text(provider.fetch(Resolver.SYSTEM).json(provider.base() + path, own()));
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    @Test
    void documentComesAsItWasSent() throws Exception {
        provider.on("/keys", exchange -> {
            assertThat(exchange.getRequestHeaders().getFirst("host")).isEqualTo("127.0.0.1:" + provider.port());
            assertThat(exchange.getRequestHeaders().getFirst("accept-encoding")).isEqualTo("identity");
            TestProvider.answer(
                    exchange,
                    200,
                    "Application/JWK-Set+JSON; charset=utf-8",
                    exchange.getRequestURI().toString().getBytes(StandardCharsets.UTF_8));
        });
        assertThat(get("/keys?p=b2c_1")).isEqualTo("/keys?p=b2c_1");
    }

    @Test
    void onlyAnswersThatSayTheyAreJsonAreRead() {
        byte[] body = "{}".getBytes(StandardCharsets.UTF_8);
        provider.on("/html", exchange -> TestProvider.answer(exchange, 200, "text/html", body))
                .on("/none", exchange -> TestProvider.answer(exchange, 200, "", body))
                .on("/near", exchange -> TestProvider.answer(exchange, 200, "application/jsonp", body));
        assertThatThrownBy(() -> get("/html"))
                .hasMessage(provider.base()
                        + "/html: content-type: text/html (expected: application/json or application/jwk-set+json)");
        assertThatThrownBy(() -> get("/none")).hasMessageContaining("content-type: none");
        assertThatThrownBy(() -> get("/near")).hasMessageContaining("content-type: application/jsonp");
    }

    @ParameterizedTest
    @ValueSource(ints = {204, 206, 304, 400, 404, 429, 500, 503})
    void answersOtherThan200AreNoDocuments(int status) {
        provider.on("/keys", exchange -> TestProvider.answer(exchange, status, "application/json", new byte[0]));
        assertThatThrownBy(() -> get("/keys")).hasMessageContaining("status " + status + " (expected: 200)");
    }

    @Test
    void compressedAnswerIsRefusedUnread() throws Exception {
        ByteArrayOutputStream bomb = new ByteArrayOutputStream();
        try (OutputStream gzip = new GZIPOutputStream(bomb)) {
            byte[] blank = new byte[1024 * 1024];
            for (int i = 0; i < 100; i++) {
                gzip.write(blank);
            }
        }
        assertThat(bomb.size()).isLessThan(Fetch.BYTES_MAX);
        provider.on(
                        "/bomb",
                        exchange -> TestProvider.answer(
                                exchange, 200, "application/json", bomb.toByteArray(), "content-encoding", "gzip"))
                .on(
                        "/same",
                        exchange -> TestProvider.answer(
                                exchange, 200, "application/json", new byte[] {'1'}, "content-encoding", "identity"));
        assertThatThrownBy(() -> get("/bomb")).hasMessageContaining("content-encoding: gzip (expected: none");
        assertThat(get("/same")).isEqualTo("1");
    }

    @Test
    void sizeIsBoundedWhetherItIsAnnouncedOrNot() throws Exception {
        AtomicLong sent = new AtomicLong();
        provider.on("/announced", exchange -> {
                    exchange.getResponseHeaders().set("content-type", "application/json");
                    exchange.sendResponseHeaders(200, 50L << 20);
                    send(exchange.getResponseBody(), 50L << 20, sent);
                })
                .on("/chunked", exchange -> {
                    exchange.getResponseHeaders().set("content-type", "application/json");
                    exchange.sendResponseHeaders(200, 0);
                    send(exchange.getResponseBody(), 50L << 20, sent);
                })
                .json("/fits", "x".repeat(Fetch.BYTES_MAX))
                .json("/over", "x".repeat(Fetch.BYTES_MAX + 1));
        for (String path : List.of("/announced", "/chunked", "/over")) {
            assertThatThrownBy(() -> get(path)).hasMessageContaining("more than " + Fetch.BYTES_MAX + " bytes");
        }
        assertThat(sent.get()).as("bytes that the server could get rid of").isLessThan(60L << 20);
        assertThat(get("/fits")).hasSize(Fetch.BYTES_MAX);
    }

    private static void send(OutputStream out, long bytes, AtomicLong sent) throws IOException {
        byte[] piece = new byte[64 * 1024];
        for (long left = bytes; left > 0; left -= piece.length) {
            out.write(piece);
            sent.addAndGet(piece.length);
        }
    }

    @Test
    void redirectsAreFollowedThreeTimesUnderTheSameRules() throws Exception {
        provider.json("/keys", "{}")
                .redirect("/1", provider.base() + "/keys")
                .redirect("/2", "/1")
                .redirect("/3", "2")
                .redirect("/4", "/3")
                .redirect("/round", "/round");
        assertThat(get("/3")).isEqualTo("{}");
        assertThatThrownBy(() -> get("/4")).hasMessageContaining("more than 3 redirects");
        assertThatThrownBy(() -> get("/round")).hasMessageContaining("more than 3 redirects");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://169.254.169.254/latest/meta-data/",
                "https://169.254.169.254/latest/meta-data/",
                "https://[::ffff:169.254.169.254]/",
                "https://[::ffff:a9fe:a9fe]/",
                "https://[64:ff9b::a9fe:a9fe]/",
                "https://[fe80::1]/",
                "https://10.0.0.1/",
                "https://0.0.0.0/",
                "http://127.0.0.1:1/",
                "https://127.0.0.1:1/",
                "https://localhost:1/",
                "http://192.0.2.1/",
                "//169.254.169.254/",
                "file:///etc/passwd",
                "not a uri"
            })
    void redirectElsewhereIsRefusedUndialled(String location) {
        provider.redirect("/away", location);
        assertThatThrownBy(() -> get("/away"))
                .isInstanceOf(IOException.class)
                .hasMessageMatching(".*(expected: https|expected: an address on the internet|no URI).*");
    }

    @Test
    void neverFromHttpsToLess() throws Exception {
        try (TestProvider secure = TestProvider.https("127.0.0.1")) {
            secure.redirect("/away", provider.base() + "/keys")
                    .json("/keys", "{}")
                    .redirect("/moved", "/keys");
            provider.json("/keys", "{}");
            Fetch fetch = secure.fetchAt("127.0.0.1");
            Targets targets = listed(secure, "127.0.0.1");
            assertThat(fetch.json(secure.base() + "/moved", targets)).hasSize(2);
            // Even where http is allowed as such, because the Mesh itself names that address.
            Targets both = new Targets(URI.create(provider.base()), targets.privateAddresses());
            assertThatThrownBy(() -> fetch.json(secure.base() + "/away", both))
                    .hasMessageContaining("never from https to less");
            assertThat(provider.asked).isEmpty();
        }
    }

    @Test
    void certificateMustBeOfTheHostAndBelieved() throws Exception {
        try (TestProvider secure = TestProvider.https("127.0.0.1")) {
            secure.json("/keys", "{}");
            Targets targets = listed(secure, "127.0.0.1");
            assertThat(secure.fetchAt("127.0.0.1").json(secure.base() + "/keys", targets))
                    .hasSize(2);

            assertThatThrownBy(() -> secure.fetchAt("127.0.0.1")
                            .json(secure.base().replace("idp.", "other.") + "/keys", targets))
                    .as("a certificate of another host")
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("other.example");
            assertThatThrownBy(() -> provider.fetchAt("127.0.0.1").json(secure.base() + "/keys", targets))
                    .as("an authority that nobody trusts")
                    .isInstanceOf(IOException.class);
            assertThat(secure.asked).containsExactly("/keys");
        }
    }

    /** DNS rebinding: the address that was checked is the address that is dialled, since nobody looks it up again. */
    @Test
    void nameThatChangesItsAddressGainsNothing() throws Exception {
        try (TestProvider good = TestProvider.https("127.0.0.1");
                ServerSocket inside = new ServerSocket(good.port(), 8, InetAddress.ofLiteral("127.0.0.2"))) {
            good.json("/keys", "{}").redirect("/moved", "/keys");
            AtomicInteger looks = new AtomicInteger();
            Resolver changing =
                    _ -> List.of(InetAddress.ofLiteral(looks.getAndIncrement() == 0 ? "127.0.0.1" : "127.0.0.2"));
            Targets targets = listed(good, "127.0.0.1");

            assertThat(good.fetch(changing).json(good.base() + "/keys", targets))
                    .hasSize(2);
            assertThat(looks).hasValue(1);
            assertThatThrownBy(() -> good.fetch(changing).json(good.base() + "/keys", targets))
                    .hasMessageContaining("127.0.0.2: loopback");

            looks.set(0);
            assertThatThrownBy(() -> good.fetch(changing).json(good.base() + "/moved", targets))
                    .as("a redirect is looked up and judged again")
                    .hasMessageContaining("127.0.0.2: loopback");
            inside.setSoTimeout(1);
            assertThatThrownBy(inside::accept)
                    .as("connections inside")
                    .isInstanceOf(java.net.SocketTimeoutException.class);
        }
    }

    @Test
    void deadAddressOfANameDoesNotCostTheDocument() throws Exception {
        try (TestProvider good = TestProvider.https("127.0.0.1")) {
            good.json("/keys", "{}");
            Resolver both = _ -> List.of(InetAddress.ofLiteral("127.0.0.2"), InetAddress.ofLiteral("127.0.0.1"));
            Targets targets = listed(good, "127.0.0.0/8");
            assertThat(good.fetch(both).json(good.base() + "/keys", targets)).hasSize(2);
            Resolver dead = _ -> List.of(InetAddress.ofLiteral("127.0.0.2"));
            assertThatThrownBy(() -> good.fetch(dead).json(good.base() + "/keys", targets))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("refused");
        }
    }

    @Test
    void serverThatSaysNothingOrTricklesIsLeftInTime() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 8, InetAddress.ofLiteral("127.0.0.1"))) {
            String base = "http://127.0.0.1:" + silent.getLocalPort();
            Targets targets = new Targets(URI.create(base), List.of());
            assertThatThrownBy(() -> provider.fetch(SHORT).json(base + "/keys", targets))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("within");
        }
        CountDownLatch over = new CountDownLatch(1);
        provider.on("/trickle", exchange -> {
            exchange.getResponseHeaders().set("content-type", "application/json");
            exchange.sendResponseHeaders(200, 0);
            try {
                while (!over.await(20, TimeUnit.MILLISECONDS)) {
                    exchange.getResponseBody().write(' ');
                    exchange.getResponseBody().flush();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        long began = System.nanoTime();
        assertThatThrownBy(() -> provider.fetch(SHORT).json(provider.base() + "/trickle", own()))
                .hasMessageContaining("no whole answer within");
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isBetween(SHORT.dividedBy(2), SHORT.multipliedBy(20));
        over.countDown();
    }

    @Test
    void handshakeThatNeverEndsIsLeftInTime() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 8, InetAddress.ofLiteral("127.0.0.1"))) {
            String address = "https://127.0.0.1:" + silent.getLocalPort() + "/keys";
            Targets targets = new Targets(URI.create(address), List.of());
            assertThatThrownBy(() -> provider.fetch(SHORT).json(address, targets))
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void bytesThatAreNoHttpAreAnError() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 8, InetAddress.ofLiteral("127.0.0.1"))) {
            Thread.ofVirtual().start(() -> {
                try (Socket socket = server.accept()) {
                    socket.getOutputStream().write("SSH-2.0-OpenSSH_9\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                    socket.getInputStream().readAllBytes();
                } catch (IOException e) {
                    // The client left.
                }
            });
            String base = "http://127.0.0.1:" + server.getLocalPort();
            assertThatThrownBy(() -> provider.fetch(Resolver.SYSTEM)
                            .json(base + "/keys", new Targets(URI.create(base), List.of())))
                    .isInstanceOf(IOException.class);
        }
    }
}
