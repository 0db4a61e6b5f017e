package dev.sallyport.benchmarks.load;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.benchmarks.pair.BenchMesh;
import dev.sallyport.benchmarks.pair.CallerKeys;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NewConnectionsTest {
    private static final byte[] REQUEST = "GET / HTTP/1.1\r\nhost: x\r\n\r\n".getBytes(US_ASCII);
    private static final int CALLERS = 8;

    @TempDir
    private Path folder;

    private BenchMesh mesh;
    private final EventLoop server = new EventLoop();
    private final NewConnections load = new NewConnections();
    private final AtomicInteger connections = new AtomicInteger();
    private final Map<BigInteger, Integer> shown = new ConcurrentHashMap<>();
    private volatile String answer = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
    private InetSocketAddress address;

    @BeforeEach
    void start() throws Exception {
        mesh = BenchMesh.write(folder, CALLERS);
        SslContext tls = SslContextBuilder.forServer(
                        folder.resolve("backend.pem").toFile(),
                        folder.resolve("backend.key").toFile())
                .trustManager(InsecureTrustManagerFactory.INSTANCE)
                .clientAuth(ClientAuth.REQUIRE)
                .protocols("TLSv1.3")
                .build();
        address = (InetSocketAddress) server.server()
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        connections.incrementAndGet();
                        channel.pipeline().addLast(tls.newHandler(channel.alloc()), new Answering());
                    }
                })
                .bind(InetAddress.getLoopbackAddress(), 0)
                .syncUninterruptibly()
                .channel()
                .localAddress();
    }

    @AfterEach
    void stop() {
        load.close();
        server.close();
    }

    private final class Answering extends SimpleChannelInboundHandler<ByteBuf> {
        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws SSLPeerUnverifiedException {
            if (event instanceof SslHandshakeCompletionEvent handshake && handshake.isSuccess()) {
                SslHandler tls = ctx.pipeline().get(SslHandler.class);
                X509Certificate peer =
                        (X509Certificate) tls.engine().getSession().getPeerCertificates()[0];
                shown.merge(peer.getSerialNumber(), 1, Integer::sum);
            }
        }

        @Override
        protected void channelRead0(ChannelHandlerContext ctx, ByteBuf request) {
            ctx.writeAndFlush(Unpooled.copiedBuffer(answer, US_ASCII));
        }
    }

    private LoadResult run(CallerKeys keys, int connectionsAtOnce) {
        Plan plan = new Plan(
                address,
                List.of(REQUEST),
                2,
                connectionsAtOnce,
                OptionalDouble.of(100),
                Duration.ofMillis(200),
                Duration.ofSeconds(1));
        return load.run(plan, keys.tls(), "backend.bench.example", () -> {}, () -> {});
    }

    @Test
    void eachRequestHasAConnectionOfItsOwnWithTheSameCertificate() throws Exception {
        LoadResult result = run(mesh.caller(), 64);
        assertThat(result.errors()).isEmpty();
        assertThat(result.answered()).isBetween(95L, 101L);
        assertThat(connections.get()).isBetween(118, 121);
        assertThat(shown).hasSize(1);
    }

    @Test
    void manyCertificatesAreShownInTurn() throws Exception {
        assertThat(run(mesh.callers(CALLERS), 64).errors()).isEmpty();
        assertThat(shown).hasSize(CALLERS);
        assertThat(shown.values()).allSatisfy(times -> assertThat(times).isBetween(14, 16));
    }

    @Test
    void wrongAnswersAndThoseWhoNeverAnswerAreCounted() throws Exception {
        answer = "HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n";
        LoadResult denied = run(mesh.caller(), 64);
        assertThat(denied.answered()).isZero();
        assertThat(denied.errors()).containsOnlyKeys("403");

        answer = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n";
        LoadResult silent = run(mesh.caller(), 4);
        assertThat(silent.errors()).containsOnlyKeys("held", "unanswered").containsEntry("unanswered", 4L);
    }
}
