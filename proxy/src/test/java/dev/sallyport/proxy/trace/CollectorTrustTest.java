package dev.sallyport.proxy.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sallyport.policy.Reason;
import dev.sallyport.proxy.http.Limits;
import dev.sallyport.proxy.http.RequestHead;
import dev.sallyport.proxy.net.Transport;
import dev.sallyport.proxy.telemetry.Connections.Direction;
import dev.sallyport.proxy.telemetry.Observer;
import dev.sallyport.proxy.telemetry.ProxyMetrics;
import dev.sallyport.proxy.telemetry.Span;
import dev.sallyport.proxy.telemetry.SpanMetrics;
import dev.sallyport.proxy.telemetry.SpanMetrics.Result;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A collector beyond this machine is believed to be one by the JDK's trust and the name that the operator wrote, and by nothing else. */
@Timeout(60)
class CollectorTrustTest {
    private static final Duration SOON = Duration.ofSeconds(15);
    private static final char[] PASSWORD = "changeit".toCharArray();

    @TempDir
    private Path folder;

    private final Transport side = Transport.open("side", 1);
    private final SpanMetrics metrics = new ProxyMetrics().spans();
    private SSLContext ofTheJdk;

    @BeforeEach
    void remember() throws Exception {
        ofTheJdk = SSLContext.getDefault();
    }

    @AfterEach
    void restore() {
        SSLContext.setDefault(ofTheJdk);
        side.loops().shutdownGracefully();
    }

    /** A key with a certificate for {@code name} that it has signed itself. */
    private KeyStore keys(String name) throws Exception {
        Path file = folder.resolve(name + ".p12");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "collector",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=collector",
                        "-ext",
                        "san=dns:" + name,
                        "-storepass",
                        new String(PASSWORD),
                        "-keystore",
                        file.toString())
                .inheritIO()
                .start();
        assertThat(keytool.waitFor()).isZero();
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            keys.load(in, PASSWORD);
        }
        return keys;
    }

    private static SSLContext server(KeyStore keys) throws Exception {
        KeyManagerFactory factory = KeyManagerFactory.getInstance("PKIX");
        factory.init(keys, PASSWORD);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(factory.getKeyManagers(), null, null);
        return context;
    }

    /** From now on the JDK trusts the certificate of {@code keys}, and nobody else. */
    private static void trust(KeyStore keys) throws Exception {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("collector", keys.getCertificate("collector"));
        TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
        factory.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, factory.getTrustManagers(), null);
        SSLContext.setDefault(context);
    }

    /** Tells a collector of three spans; returns when it is known what became of them. */
    private void tell(URI collector) {
        SpanExporter exporter = new SpanExporter(
                new SpanExporter.Settings(collector, Optional.empty(), Duration.ofSeconds(5), Duration.ofSeconds(1)),
                new Origin("orders", "0a1b", "0.1.0", Optional::empty),
                (_, _) -> false,
                side,
                metrics,
                new Random(1));
        exporter.start();
        Observer observer = exporter.on(Direction.INBOUND);
        for (int i = 1; i <= 3; i++) {
            observer.ended(
                    BatchEncoderTest.record(), Reason.ALLOWED, new RequestHead(Limits.standard()), new Span(i, 0));
        }
        await().atMost(SOON).until(() -> metrics.count(Result.SENT) + metrics.count(Result.FAILED) == 3);
        exporter.finish(Duration.ZERO);
    }

    @Test
    void collectorThatTheJdkTrustsUnderItsNameGetsItsSpansPressed() throws Exception {
        KeyStore keys = keys("localhost");
        trust(keys);
        try (FakeTraceCollector collector = FakeTraceCollector.tls(server(keys))) {
            tell(collector.url());
            assertThat(metrics.count(Result.SENT)).isEqualTo(3);
            assertThat(collector.spans())
                    .extracting(Otlp.Seen::span)
                    .containsExactly("0000000000000001", "0000000000000002", "0000000000000003");
            FakeTraceCollector.Request request = collector.requests.getFirst();
            assertThat(request.head())
                    .containsIgnoringCase("\r\nhost: " + collector.url().getAuthority() + "\r\n")
                    .containsIgnoringCase("\r\ncontent-encoding: gzip\r\n");
            assertThat(request.body()).startsWith(0x1f, 0x8b).hasSizeLessThan(request.message().length);
        }
    }

    @Test
    void trustedCertificateOfAnotherNameGetsNoSpan() throws Exception {
        KeyStore keys = keys("other.example");
        trust(keys);
        try (FakeTraceCollector collector = FakeTraceCollector.tls(server(keys))) {
            tell(collector.url());
            assertThat(metrics.count(Result.FAILED)).isEqualTo(3);
            assertThat(collector.requests).isEmpty();
        }
    }

    @Test
    void certificateThatTheJdkDoesNotTrustGetsNoSpan() throws Exception {
        trust(keys("other.example"));
        try (FakeTraceCollector collector = FakeTraceCollector.tls(server(keys("localhost")))) {
            tell(collector.url());
            assertThat(metrics.count(Result.FAILED)).isEqualTo(3);
            assertThat(collector.requests).isEmpty();
        }
    }

    @Test
    void collectorThatSpeaksInTheClearWhereTlsIsWantedGetsNoSpan() throws Exception {
        try (FakeTraceCollector collector = new FakeTraceCollector()) {
            tell(URI.create("https://localhost:" + collector.url().getPort()));
            assertThat(metrics.count(Result.FAILED)).isEqualTo(3);
            assertThat(collector.requests).isEmpty();
        }
    }
}
