package dev.sallyport.proxy.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.document.HostPort;
import dev.sallyport.proxy.access.Taps;
import dev.sallyport.proxy.log.Level;
import dev.sallyport.proxy.log.Log;
import dev.sallyport.proxy.net.Transport;
import dev.sallyport.proxy.telemetry.ProxyMetrics;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LoggingPageTest {
    private static final String TOKEN = "f".repeat(64);

    /** What is to be done, and when. */
    private record Promised(Duration after, Runnable what) {}

    private final Transport transport = Transport.open("test", 1);
    private final List<Promised> promised = new ArrayList<>();
    private final Clock clock = Clock.fixed(Instant.parse("2026-11-26T10:00:00Z"), ZoneOffset.UTC);
    private PageServer server;

    @BeforeEach
    void start() throws IOException {
        LoggingPage logging = new LoggingPage(clock, (after, what) -> promised.add(new Promised(after, what)));
        TapPage tap = new TapPage(new Taps(new ProxyMetrics().access(), System::nanoTime));
        server = PageServer.bind(
                transport,
                new HostPort("127.0.0.1", 0),
                new AdminPages(_ -> Optional.empty(), logging, tap, TOKEN, () -> {}));
    }

    @AfterEach
    void stop() {
        Log.level(Level.INFO);
        transport.loops().shutdownGracefully(20, 1000, TimeUnit.MILLISECONDS).awaitUninterruptibly(2000);
    }

    private String post(String query, String token) throws IOException {
        return PagesTest.ask(
                server.address(),
                "POST /logging" + query + " HTTP/1.1\nHost: localhost\nContent-Length: 0\nConnection: close\n"
                        + AdminPages.TOKEN_HEADER + ": " + token + "\n\n");
    }

    private String post(String query) throws IOException {
        return post(query, TOKEN);
    }

    private String shown() throws IOException {
        return PagesTest.get(server.address(), "/logging");
    }

    @Test
    void levelIsShownToAnyoneAndChangedWithTheTokenOnly() throws IOException {
        assertThat(shown()).startsWith("HTTP/1.1 200").endsWith("{\"level\":\"info\"}\n");
        assertThat(post("?level=debug", "e".repeat(64))).startsWith("HTTP/1.1 403");
        assertThat(PagesTest.get(server.address(), "/logging?level=debug")).endsWith("{\"level\":\"info\"}\n");
        assertThat(Log.level()).isEqualTo(Level.INFO);
        assertThat(post("?level=debug")).startsWith("HTTP/1.1 200").endsWith("{\"level\":\"debug\"}\n");
        assertThat(Log.level()).isEqualTo(Level.DEBUG);
        assertThat(promised).isEmpty();
    }

    @Test
    void levelReturnsByItself() throws IOException {
        String debug = "{\"level\":\"debug\",\"until\":\"2026-11-26T10:10:00Z\"}\n";
        assertThat(post("?level=debug&for=10m")).endsWith(debug);
        assertThat(shown()).endsWith(debug);
        assertThat(promised).singleElement().extracting(Promised::after).isEqualTo(Duration.ofMinutes(10));
        promised.getFirst().what().run();
        assertThat(shown()).endsWith("{\"level\":\"info\"}\n");
        assertThat(Log.level()).isEqualTo(Level.INFO);
    }

    @Test
    void endOfAnEarlierChangeIsNotTheEndOfALaterOne() throws IOException {
        post("?level=debug&for=1s");
        assertThat(post("?level=debug&for=1h")).endsWith("\"until\":\"2026-11-26T11:00:00Z\"}\n");
        promised.getFirst().what().run();
        assertThat(Log.level()).isEqualTo(Level.DEBUG);
        assertThat(post("?level=warn")).endsWith("{\"level\":\"warn\"}\n");
        promised.get(1).what().run();
        assertThat(Log.level()).isEqualTo(Level.WARN);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'' | level: '' (expected: debug, info, warn or error)",
                "?level=trace | level: 'trace' (expected: debug, info, warn or error)",
                "?level=DEBUG | level: 'DEBUG' (expected: debug, info, warn or error)",
                "?level=debug%0d%0ax | level: 'debug??x' (expected: debug, info, warn or error)",
                "?level=debug&for=0s | for: '0s' (expected: 1s to 1h, as 30s, 10m or 1h)",
                "?level=debug&for=61m | for: '61m' (expected: 1s to 1h, as 30s, 10m or 1h)",
                "?level=debug&for=2h | for: '2h' (expected: 1s to 1h, as 30s, 10m or 1h)",
                "?level=debug&for=-1s | for: '-1s' (expected: 1s to 1h, as 30s, 10m or 1h)",
                "?level=debug&for=10 | for: '10' (expected: 1s to 1h, as 30s, 10m or 1h)",
                "?level=debug&for=9999999999s | for: '9999999999s' (expected: 1s to 1h, as 30s, 10m or 1h)",
                "?level=debug&fro=10m | parameter 'fro' (expected: level and for, each once)",
                "?level=info&level=debug | parameter 'level' (expected: level and for, each once)",
            })
    void whatIsNotUnderstoodChangesNothing(String query, String sentence) throws IOException {
        assertThat(post(query)).startsWith("HTTP/1.1 400").endsWith("\r\n\r\n" + sentence + "\n");
        assertThat(Log.level()).isEqualTo(Level.INFO);
        assertThat(promised).isEmpty();
    }
}
