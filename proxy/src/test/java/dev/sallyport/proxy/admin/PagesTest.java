package dev.sallyport.proxy.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
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
}
