package dev.sallyport.proxy.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sallyport.document.HostPort;
import dev.sallyport.proxy.net.Transport;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PagesTest {
    private static final HostPort FREE = new HostPort("127.0.0.1", 0);

    private final Transport transport = Transport.open("test", 1);

    @AfterEach
    void stop() {
        transport.loops().shutdownGracefully(20, 1000, TimeUnit.MILLISECONDS).awaitUninterruptibly(2000);
    }

    /** The raw answer to a raw request; the connection is closed after it. */
    static String ask(HostPort address, String request) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), address.port())) {
            socket.setSoTimeout(5000);
            OutputStream out = socket.getOutputStream();
            out.write(request.replace("\n", "\r\n").getBytes(StandardCharsets.US_ASCII));
            out.flush();
            InputStream in = socket.getInputStream();
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    static String get(HostPort address, String path) throws IOException {
        return ask(address, "GET " + path + " HTTP/1.1\nHost: localhost\nConnection: close\n\n");
    }

    @Test
    void readyIsWhatEveryCheckSays() throws IOException {
        AtomicBoolean snapshot = new AtomicBoolean();
        Map<String, BooleanSupplier> checks = new LinkedHashMap<>();
        checks.put("svid", () -> true);
        checks.put("snapshot", snapshot::get);
        try (PageServer server = PageServer.bind(transport, FREE, new HealthPages(checks))) {
            assertThat(get(server.address(), "/readyz"))
                    .startsWith("HTTP/1.1 503")
                    .contains("[+]svid ok", "[-]snapshot failed");
            assertThat(get(server.address(), "/livez")).startsWith("HTTP/1.1 200");
            snapshot.set(true);
            assertThat(get(server.address(), "/readyz?verbose"))
                    .startsWith("HTTP/1.1 200")
                    .contains("[+]svid ok\n[+]snapshot ok\nreadyz check passed");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "/livez, 200",
        "/healthz, 200",
        "/readyz, 503",
        "/healthz/ready, 503",
        "/ready, 503",
        "/, 404",
        "/livez/, 404",
        "/metrics, 404"
    })
    void healthPathsAreTheUsualOnes(String path, int status) throws IOException {
        try (PageServer server = PageServer.bind(transport, FREE, new HealthPages(Map.of("snapshot", () -> false)))) {
            assertThat(get(server.address(), path)).startsWith("HTTP/1.1 " + status);
        }
    }

    @Test
    void onlyGetIsAnswered() throws IOException {
        try (PageServer server = PageServer.bind(transport, FREE, new HealthPages(Map.of()))) {
            assertThat(ask(
                            server.address(),
                            "POST /livez HTTP/1.1\nHost: localhost\nContent-Length: 0\nConnection: close\n\n"))
                    .startsWith("HTTP/1.1 405");
        }
    }

    @Test
    void nonsenseIsABadRequestAndNotADefect() throws IOException {
        try (PageServer server = PageServer.bind(transport, FREE, new HealthPages(Map.of()))) {
            assertThat(ask(server.address(), "nonsense\n\n")).startsWith("HTTP/1.1 400");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "/%zz, 400",
        "/livez?%zz, 400",
        "/livez?a=%, 400",
        "/%, 400",
        "/livez?a=%41, 200",
        "/%6civez, 200",
    })
    void targetThatIsNoEncodedTextIsABadRequest(String target, int status) throws IOException {
        try (PageThread making = new PageThread();
                PageServer server = PageServer.bind(
                        transport,
                        FREE,
                        request -> request.path().equals("/livez") ? Page.text(200, "") : Page.notFound(),
                        making)) {
            assertThat(get(server.address(), target)).startsWith("HTTP/1.1 " + status);
        }
    }

    @Test
    void portInUseIsToldWithItsAddress() throws IOException {
        try (PageServer server = PageServer.bind(transport, FREE, new LatePages())) {
            HostPort taken = server.address();
            assertThatThrownBy(() -> PageServer.bind(transport, taken, new LatePages()))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining(taken.toString());
        }
    }

    @Test
    void pagesThatCannotExistYetAreUnavailable() throws IOException {
        LatePages late = new LatePages();
        try (PageServer server = PageServer.bind(transport, FREE, late)) {
            assertThat(get(server.address(), "/certs")).startsWith("HTTP/1.1 503");
            late.become(_ -> Page.text(200, "here\n"));
            assertThat(get(server.address(), "/certs"))
                    .startsWith("HTTP/1.1 200")
                    .endsWith("here\n");
        }
    }

    /** Waits until it is told to go on: a page that takes its time. */
    private static Page made(PageRequest request, CountDownLatch slow) {
        try {
            if (request.path().equals("/slow") && !slow.await(20, TimeUnit.SECONDS)) {
                throw new IllegalStateException("nobody let the page go on");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return Page.text(200, "[" + request.path() + "]");
    }

    @Test
    void answersComeInTheOrderOfTheirRequestsHoweverLongOneTakes() throws IOException {
        CountDownLatch slow = new CountDownLatch(1);
        AtomicInteger made = new AtomicInteger();
        Pages pages = request -> {
            made.incrementAndGet();
            return made(request, slow);
        };
        try (ExecutorService many = Executors.newCachedThreadPool();
                PageServer server = PageServer.bind(transport, FREE, pages, many)) {
            String answers = askWhile(
                    server.address(),
                    "GET /slow HTTP/1.1\nHost: localhost\n\n"
                            + "POST /b HTTP/1.1\nHost: localhost\nContent-Length: 5\n\nGET /"
                            + "GET /c HTTP/1.1\nHost: localhost\n\n"
                            + "GET /d HTTP/1.1\nHost: localhost\nConnection: close\n\n"
                            + "GET /never HTTP/1.1\nHost: localhost\n\n",
                    () -> {
                        await().until(() -> made.get() == 1);
                        assertThat(get(server.address(), "/other")).endsWith("[/other]");
                        assertThat(made).hasValue(2); // Not a later one of the first connection.
                        slow.countDown();
                    });
            assertThat(answers.split("HTTP/1.1 200 OK", -1)).hasSize(5);
            assertThat(answers.replaceAll("(?s)HTTP/1.1 200.*?\r\n\r\n", "")).isEqualTo("[/slow][/b][/c][/d]");
        }
    }

    @Test
    void healthAnswersWhileAScrapeTakesItsTime() throws IOException {
        CountDownLatch slow = new CountDownLatch(1);
        try (PageThread making = new PageThread();
                PageServer scraped = PageServer.bind(transport, FREE, request -> made(request, slow), making);
                PageServer health = PageServer.bind(transport, FREE, new HealthPages(Map.of("svid", () -> true)))) {
            String answer =
                    askWhile(scraped.address(), "GET /slow HTTP/1.1\nHost: localhost\nConnection: close\n\n", () -> {
                        await().until(() -> making.getActiveCount() == 1);
                        assertThat(get(health.address(), "/livez")).startsWith("HTTP/1.1 200");
                        assertThat(get(health.address(), "/readyz")).startsWith("HTTP/1.1 200");
                        slow.countDown();
                    });
            assertThat(answer).endsWith("[/slow]");
        }
    }

    @Test
    void morePagesThanCanBeMadeAreRefusedAndNotKept() throws IOException {
        Executor full = _ -> {
            throw new RejectedExecutionException();
        };
        try (PageServer server = PageServer.bind(transport, FREE, request -> Page.text(200, ""), full)) {
            assertThat(get(server.address(), "/metrics"))
                    .startsWith("HTTP/1.1 503")
                    .contains("too many pages");
        }
    }

    @Test
    void defectOfAPageEndsItsConnectionOnly() throws IOException {
        Pages pages = request -> {
            if (request.path().equals("/broken")) {
                throw new IllegalStateException("broken on purpose");
            }
            return Page.text(200, "whole");
        };
        try (PageThread making = new PageThread();
                PageServer server = PageServer.bind(transport, FREE, pages, making)) {
            assertThat(get(server.address(), "/broken")).isEmpty();
            assertThat(get(server.address(), "/")).endsWith("whole");
        }
    }

    private interface Meanwhile {
        void run() throws IOException;
    }

    /** As {@link #ask}; {@code meanwhile}: between the request and the reading of its answer. */
    private static String askWhile(HostPort address, String request, Meanwhile meanwhile) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), address.port())) {
            socket.setSoTimeout(5000);
            socket.getOutputStream().write(request.replace("\n", "\r\n").getBytes(StandardCharsets.US_ASCII));
            meanwhile.run();
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
