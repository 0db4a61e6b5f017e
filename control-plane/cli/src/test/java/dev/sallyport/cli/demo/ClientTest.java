package dev.sallyport.cli.demo;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ClientTest {
    private final Client client = new Client(new Ledger());
    private HttpServer server;
    private volatile int status = 200;
    private volatile String body = "";

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            byte[] bytes = body.getBytes(US_ASCII);
            exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
        });
        server.start();
    }

    @AfterEach
    void stop() {
        client.close();
        server.stop(0);
    }

    private String url() {
        return "http://localhost:" + server.getAddress().getPort() + "/connections";
    }

    @Test
    void pageIsItsJson() throws Exception {
        body = "{\"connections\":[]}";
        assertThat(client.page(url()).path("connections").isArray()).isTrue();
    }

    @Test
    void whatIsNoPageFailsNamingTheUrl() {
        body = "{\"error\":\"no\"}";
        status = 503;
        assertRefused("status 503");
        status = 200;
        for (String notAPage : new String[] {"", "<html>", "[]", "null"}) {
            body = notAPage;
            assertRefused("no JSON");
        }
    }

    private void assertRefused(String why) {
        assertThatThrownBy(() -> client.page(url()))
                .isInstanceOf(IOException.class)
                .hasMessageContainingAll(url(), why);
    }
}
