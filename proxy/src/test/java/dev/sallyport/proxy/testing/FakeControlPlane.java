package dev.sallyport.proxy.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sallyport.authority.IssuanceRefusedException;
import dev.sallyport.authority.IssuedCertificate;
import dev.sallyport.contract.Frames;
import dev.sallyport.contract.MeshNames;
import dev.sallyport.contract.Wire;
import dev.sallyport.document.HostPort;
import dev.sallyport.identity.Pem;
import dev.sallyport.identity.RenewalSchedule;
import dev.sallyport.identity.SpiffeId;
import dev.sallyport.identity.SvidKeyManager;
import dev.sallyport.identity.SvidPublisher;
import dev.sallyport.identity.SvidRejectedException;
import dev.sallyport.identity.SvidTrustManager;
import dev.sallyport.identity.SvidVerifier;
import dev.sallyport.identity.X509Svid;
import dev.sallyport.proxy.net.Transport;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ApplicationProtocolNegotiationHandler;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.ReferenceCountUtil;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import javax.net.ssl.SSLException;

/** Ports 15012 and 15013 of a control plane, over real TLS 1.3 and HTTP/2, with what it saw and switches for what goes wrong. */
public final class FakeControlPlane implements AutoCloseable {
    public final BlockingQueue<Wire.Hello> hellos = new LinkedBlockingQueue<>();
    public final BlockingQueue<Wire.Ack> acks = new LinkedBlockingQueue<>();
    public final BlockingQueue<Wire.Enrolment> enrolments = new LinkedBlockingQueue<>();
    public final BlockingQueue<Wire.Renewal> renewals = new LinkedBlockingQueue<>();
    public final BlockingQueue<Wire.KeyWanted> keysWanted = new LinkedBlockingQueue<>();
    public final BlockingQueue<Wire.CanaryResult> canaryResults = new LinkedBlockingQueue<>();
    public final List<String> renewalCallers = new CopyOnWriteArrayList<>();
    /** Takes the records. */
    public final FakeCollector collector = new FakeCollector();
    /** No heartbeats when true. */
    public volatile boolean silent;
    /** What the next renewals are answered with; absent is a new certificate. */
    public volatile Optional<Integer> renewalStatus = Optional.empty();
    /** Goes with {@link #renewalStatus}. */
    public volatile Optional<String> retryAfter = Optional.empty();
    /** Who signs canaries, given the CSR in PEM and the caller; the chain in PEM. */
    public volatile BiFunction<String, SpiffeId, String> canaries = (csr, caller) -> "";
    /** The {@code code} of the problem that the next renewals are refused with. */
    public volatile Optional<String> renewalCode = Optional.empty();
    /** Service account tokens that count; with each only the first key. */
    public final Set<String> serviceAccountTokens = ConcurrentHashMap.newKeySet();
    /** Whom renewed certificates are for; absent is the caller. */
    public volatile Optional<SpiffeId> renewAs = Optional.empty();

    private final TestMesh mesh;
    private final Transport transport = Transport.open("fake-control-plane", 1);
    private final Map<String, String> keyByToken = new HashMap<>();
    private final List<ChannelHandlerContext> streams = new CopyOnWriteArrayList<>();
    private final List<Channel> connections = new CopyOnWriteArrayList<>();
    private final Channel sidecars;
    private final Channel enrolment;
    private volatile Optional<Wire.Down> current = Optional.empty();

    /** The control plane itself. */
    public FakeControlPlane(TestMesh mesh) {
        this(mesh, mesh.controlPlane());
    }

    /** {@code identity}: whom its certificate names; another than the control plane's is an impostor. */
    public FakeControlPlane(TestMesh mesh, SpiffeId identity) {
        this.mesh = mesh;
        SvidPublisher publisher = mesh.publisher(identity);
        try {
            sidecars = bind(context(publisher, ClientAuth.REQUIRE));
            enrolment = bind(context(publisher, ClientAuth.NONE));
        } catch (SSLException e) {
            throw new AssertionError(e);
        }
        transport.loops().scheduleAtFixedRate(this::beat, 100, 100, TimeUnit.MILLISECONDS);
    }

    private static SslContext context(SvidPublisher publisher, ClientAuth clientAuth) throws SSLException {
        return SslContextBuilder.forServer(new SvidKeyManager(publisher.source()))
                .trustManager(new SvidTrustManager(new SvidVerifier(publisher.source(), Clock.systemUTC())))
                .sslProvider(SslProvider.JDK)
                .protocols("TLSv1.3")
                .clientAuth(clientAuth)
                .applicationProtocolConfig(new ApplicationProtocolConfig(
                        ApplicationProtocolConfig.Protocol.ALPN,
                        ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                        ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                        ApplicationProtocolNames.HTTP_2))
                .build();
    }

    private Channel bind(SslContext tls) {
        return new ServerBootstrap()
                .group(transport.loops())
                .channel(transport.server())
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        connections.add(channel);
                        channel.pipeline().addLast(tls.newHandler(channel.alloc()), new SpeakHttp2());
                    }
                })
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .syncUninterruptibly()
                .channel();
    }

    /** Once the handshake says h2. */
    private final class SpeakHttp2 extends ApplicationProtocolNegotiationHandler {
        SpeakHttp2() {
            super(ApplicationProtocolNames.HTTP_1_1);
        }

        @Override
        protected void configurePipeline(ChannelHandlerContext ctx, String protocol) {
            ctx.pipeline().addLast(Http2FrameCodecBuilder.forServer().build());
            ctx.pipeline().addLast(new Http2MultiplexHandler(new ChannelInitializer<Channel>() {
                @Override
                protected void initChannel(Channel stream) {
                    stream.pipeline().addLast(new Endpoint());
                }
            }));
        }

        @Override
        protected void handshakeFailure(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }
    }

    public HostPort sidecarsAddress() {
        return new HostPort("127.0.0.1", ((InetSocketAddress) sidecars.localAddress()).getPort());
    }

    public HostPort enrolmentAddress() {
        return new HostPort("127.0.0.1", ((InetSocketAddress) enrolment.localAddress()).getPort());
    }

    /** To every open stream. */
    public void send(Wire.Down message) {
        byte[] frame = Frames.frame(Wire.encode(message));
        streams.forEach(ctx -> ctx.writeAndFlush(new DefaultHttp2DataFrame(Unpooled.wrappedBuffer(frame))));
    }

    /** To every open stream, and first on each new one. */
    public void publish(Wire.Down.Snapshot snapshot) {
        current = Optional.of(snapshot);
        send(snapshot);
    }

    public void dropConnections() {
        connections.forEach(Channel::close);
    }

    private void beat() {
        if (!silent) {
            send(new Wire.Down.Heartbeat(Instant.now()));
        }
    }

    @Override
    public void close() {
        if (transport.loops().isShuttingDown()) {
            return; // by the test itself, as an outage
        }
        sidecars.close().syncUninterruptibly();
        enrolment.close().syncUninterruptibly();
        dropConnections();
        transport.loops().shutdownGracefully(20, 1000, TimeUnit.MILLISECONDS).awaitUninterruptibly(2000);
    }

    /** One HTTP/2 stream. */
    private final class Endpoint extends ChannelInboundHandlerAdapter {
        private final ByteArrayOutputStream body = new ByteArrayOutputStream();
        private String path = "";

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) throws Exception {
            try {
                if (message instanceof Http2HeadersFrame headers) {
                    path = String.valueOf(headers.headers().path());
                } else if (message instanceof Http2DataFrame data) {
                    byte[] bytes = new byte[data.content().readableBytes()];
                    data.content().readBytes(bytes);
                    body.writeBytes(bytes);
                    if (data.isEndStream()) {
                        answer(ctx, body.toByteArray());
                    }
                }
            } finally {
                ReferenceCountUtil.release(message);
            }
        }

        private void answer(ChannelHandlerContext ctx, byte[] json) throws Exception {
            boolean enrolling = ctx.channel().parent().parent().equals(enrolment);
            if (enrolling != path.equals(MeshNames.ENROL_PATH)) {
                reply(ctx, 404, new byte[0]);
                return;
            }
            switch (path) {
                case MeshNames.ENROL_PATH -> enrol(ctx, Wire.enrolment(json));
                case MeshNames.RENEW_PATH -> renew(ctx, Wire.renewal(json));
                case MeshNames.CANARY_PATH -> canary(ctx, Wire.canaryRequest(json));
                case MeshNames.CANARY_RESULT_PATH -> {
                    canaryResults.add(Wire.canaryResult(json));
                    reply(ctx, 204, new byte[0]);
                }
                case MeshNames.ACK_PATH -> {
                    acks.add(Wire.ack(json));
                    reply(ctx, 204, new byte[0]);
                }
                case MeshNames.KEY_WANTED_PATH -> {
                    keysWanted.add(Wire.keyWanted(json));
                    reply(ctx, 204, new byte[0]);
                }
                case MeshNames.AUDIT_BATCH_PATH ->
                    collector.take(json).ifPresent(answer -> reply(ctx, answer.status(), answer.body()));
                case MeshNames.STREAM_PATH -> stream(ctx, Wire.hello(json));
                default -> reply(ctx, 404, new byte[0]);
            }
        }

        private void stream(ChannelHandlerContext ctx, Wire.Hello hello) {
            hellos.add(hello);
            ctx.write(new DefaultHttp2HeadersFrame(
                    new DefaultHttp2Headers().status("200").set("content-type", "application/vnd.sallyport.stream")));
            ctx.flush();
            streams.add(ctx);
            ctx.channel().closeFuture().addListener(_ -> streams.remove(ctx));
            current.ifPresent(message -> ctx.writeAndFlush(
                    new DefaultHttp2DataFrame(Unpooled.wrappedBuffer(Frames.frame(Wire.encode(message))))));
        }

        private void enrol(ChannelHandlerContext ctx, Wire.Enrolment enrolment)
                throws IssuanceRefusedException, SvidRejectedException {
            enrolments.add(enrolment);
            String usedBy = keyByToken.getOrDefault(enrolment.token(), enrolment.csrPem());
            boolean known = enrolment.method().equals(Wire.KUBERNETES)
                    ? serviceAccountTokens.contains(enrolment.token())
                    : enrolment.token().equals(TestMesh.TOKEN);
            if (!known) {
                problem(ctx, "join token unknown");
            } else if (!usedBy.equals(enrolment.csrPem())) {
                problem(ctx, "join token used already");
            } else {
                keyByToken.put(enrolment.token(), enrolment.csrPem());
                reply(ctx, 200, Wire.encode(issue(enrolment.csrPem(), mesh.id("orders"))));
            }
        }

        private void renew(ChannelHandlerContext ctx, Wire.Renewal renewal) throws Exception {
            renewals.add(renewal);
            SpiffeId caller = caller(ctx);
            renewalCallers.add(caller.toString());
            if (renewalCode.isPresent()) {
                String body = "{\"detail\":\"no\",\"status\":403,\"code\":\"" + renewalCode.get() + "\"}";
                reply(ctx, 403, body.getBytes(UTF_8));
            } else if (renewalStatus.isPresent()) {
                reply(ctx, renewalStatus.get(), new byte[0]);
            } else {
                reply(ctx, 200, Wire.encode(issue(renewal.csrPem(), renewAs.orElse(caller))));
            }
        }

        private SpiffeId caller(ChannelHandlerContext ctx) throws Exception {
            SslHandler tls = ctx.channel().parent().pipeline().get(SslHandler.class);
            return X509Svid.leafId((X509Certificate) tls.engine().getSession().getPeerCertificates()[0]);
        }

        private void canary(ChannelHandlerContext ctx, Wire.CanaryRequest request) throws Exception {
            String chain = canaries.apply(request.csrPem(), caller(ctx));
            if (chain.isEmpty()) {
                problem(ctx, "no authority " + request.authority());
            } else {
                reply(ctx, 200, Wire.encode(new Wire.Issued(chain, Instant.now(), Instant.now())));
            }
        }

        private void problem(ChannelHandlerContext ctx, String detail) {
            reply(ctx, 403, ("{\"title\":\"Forbidden\",\"status\":403,\"detail\":\"" + detail + "\"}").getBytes(UTF_8));
        }

        private void reply(ChannelHandlerContext ctx, int status, byte[] json) {
            Http2Headers headers = new DefaultHttp2Headers().status(Integer.toString(status));
            retryAfter.ifPresent(value -> headers.set("retry-after", value));
            ctx.write(new DefaultHttp2HeadersFrame(headers, json.length == 0));
            if (json.length > 0) {
                ctx.write(new DefaultHttp2DataFrame(Unpooled.wrappedBuffer(json), true));
            }
            ctx.flush();
        }
    }

    private Wire.Issued issue(String csrPem, SpiffeId id) throws IssuanceRefusedException {
        String base64 = csrPem.lines().filter(line -> !line.startsWith("-")).reduce("", String::concat);
        IssuedCertificate issued = mesh.sign(java.util.Base64.getDecoder().decode(base64), id);
        Instant now = Instant.now();
        Instant renewAt = RenewalSchedule.draw(now, issued.leaf().getNotAfter().toInstant(), new Random());
        return new Wire.Issued(Pem.encode(new ArrayList<>(issued.chain())), renewAt, now);
    }
}
