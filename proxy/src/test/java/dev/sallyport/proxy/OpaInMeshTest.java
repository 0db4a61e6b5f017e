package dev.sallyport.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sallyport.document.HostPort;
import dev.sallyport.identity.SvidPublisher;
import dev.sallyport.policy.Mesh;
import dev.sallyport.policy.OpaAnswer;
import dev.sallyport.policy.OpaQuery;
import dev.sallyport.proxy.governor.Governor;
import dev.sallyport.proxy.http.Limits;
import dev.sallyport.proxy.net.Transport;
import dev.sallyport.proxy.opa.OpaClient;
import dev.sallyport.proxy.opa.OpaResult;
import dev.sallyport.proxy.snapshot.Snapshots;
import dev.sallyport.proxy.telemetry.Connections;
import dev.sallyport.proxy.telemetry.ProxyMetrics;
import dev.sallyport.proxy.upstream.Connector;
import dev.sallyport.proxy.upstream.UpstreamPool;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** web asks an OPA that is the application of orders: over mTLS, and only the sidecar that proves to be orders'. */
@Timeout(30)
class OpaInMeshTest {
    private static final Mesh.OpaTarget TARGET =
            new Mesh.OpaTarget("authz", new Mesh.OpaAddress.InMesh("orders", 8080), 16);

    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final Connections connections = new Connections();
    private final SvidPublisher web = new SvidPublisher();
    private TestMesh mesh;
    private TestApplication opa;
    private TestSidecar orders;
    private MeshTls tls;
    private Snapshots snapshots;
    private UpstreamPool pool;
    private OpaClient client;

    @BeforeEach
    void start(@TempDir Path folder) throws Exception {
        mesh = TestMesh.open(folder);
        opa = new TestApplication();
        opa.answer = exchange -> {
            byte[] answer = "{\"result\":true}\n".getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
        };
        orders = TestSidecar.start(mesh, "orders", opa.address());
        orders.learn();
        web.publishBundles(List.of(mesh.authority.trustBundle()));
        web.publish(mesh.svid(TestMesh.pathOf("web")));
        tls = new MeshTls(web.source(), mesh.clock);
        snapshots = new Snapshots(mesh.clock);
        EventLoop loop = loops.next();
        ProxyMetrics metrics = new ProxyMetrics();
        Limits limits = Limits.standard();
        Connector connector = new Connector(
                Transport.of(loops),
                tls.outbound(),
                tls.svids(),
                web.source(),
                limits,
                connections,
                metrics,
                mesh.clock);
        pool = new UpstreamPool(
                loop,
                connector,
                limits,
                limits.meshIdle(),
                new Random(7),
                connections,
                new Governor(loop, limits.connectionAge(), mesh.clock, new Random(7), metrics.connections()));
        client = new OpaClient(loop, pool, snapshots, metrics.opa(), System::nanoTime, new Random(7));
        learn(orders.inbound());
    }

    private void learn(HostPort... endpoints) throws Exception {
        mesh.endpoint("orders", endpoints);
        snapshots.swap(mesh.snapshot("web", Duration.ofHours(1)));
    }

    @AfterEach
    void stop() {
        loops.next().submit(pool::closeIdle).awaitUninterruptibly();
        await().atMost(Duration.ofSeconds(5)).until(() -> connections.list().isEmpty());
        loops.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
        orders.close();
        opa.close();
        tls.close();
    }

    private OpaResult ask(Mesh.OpaTarget target) throws Exception {
        CompletableFuture<OpaResult> result = new CompletableFuture<>();
        OpaQuery query = new OpaQuery("authz", "shop/orders/allow", Duration.ofSeconds(10), new TreeSet<>());
        byte[] input = "{\"input\":{}}".getBytes(StandardCharsets.UTF_8);
        loops.next().execute(() -> client.ask(target, query, input, result::complete));
        return result.get(20, TimeUnit.SECONDS);
    }

    @Test
    void opaOfTheMeshIsAskedOverOneMutualConnection() throws Exception {
        assertThat(ask(TARGET).answer()).isEqualTo(OpaAnswer.TRUE);
        assertThat(ask(TARGET).answer()).isEqualTo(OpaAnswer.TRUE);

        assertThat(opa.last().target()).isEqualTo("/v1/data/shop/orders/allow");
        assertThat(opa.last().headers().getFirst("x-forwarded-client-cert"))
                .endsWith("URI=spiffe://shop.example/ns/edge/sa/web");
        assertThat(connections.list()).singleElement().satisfies(open -> {
            assertThat(open.peer()).hasToString("spiffe://shop.example/ns/shop/sa/orders");
            assertThat(open.requests()).isEqualTo(2);
        });
    }

    @Test
    void rotatedCertificateIsUsedForTheNextQuestion() throws Exception {
        assertThat(ask(TARGET).answer()).isEqualTo(OpaAnswer.TRUE);
        web.publish(mesh.svid(TestMesh.pathOf("web")));
        String serial = web.source().svid().orElseThrow().serial();

        assertThat(ask(TARGET).answer()).isEqualTo(OpaAnswer.TRUE);
        assertThat(connections.list()).extracting(Connections.Open::ownSerial).contains(serial);
    }

    /** A connection that the other side ends unread under a question, by an authenticated close, costs no request. */
    @Test
    void rotationOfTheOtherSideCostsNoQuestion() throws Exception {
        AtomicBoolean stop = new AtomicBoolean();
        AtomicInteger answers = new AtomicInteger();
        List<String> failures = new CopyOnWriteArrayList<>();
        List<Thread> load = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            load.add(Thread.ofVirtual().start(() -> {
                while (!stop.get()) {
                    try {
                        OpaResult result = ask(TARGET);
                        answers.incrementAndGet();
                        if (result.answer() != OpaAnswer.TRUE) {
                            failures.add(result.detail());
                        }
                    } catch (Exception e) {
                        failures.add(e.toString());
                    }
                }
            }));
        }
        for (int i = 0; i < 10; i++) {
            int before = answers.get();
            orders.rotate();
            await().atMost(Duration.ofSeconds(10)).until(() -> answers.get() > before + 60 || !failures.isEmpty());
        }
        stop.set(true);
        for (Thread thread : load) {
            thread.join();
        }

        assertThat(failures).isEmpty();
    }

    @Test
    void serverThatIsAnotherServiceIsNotAsked() throws Exception {
        try (TestSidecar payment = TestSidecar.start(mesh, "payment", opa.address())) {
            payment.learn();
            learn(payment.inbound());
            OpaResult result = ask(TARGET);

            assertThat(result.answer()).isEqualTo(OpaAnswer.ERROR);
            assertThat(result.detail())
                    .endsWith("spiffe://shop.example/ns/shop/sa/payment"
                            + " (expected: spiffe://shop.example/ns/shop/sa/orders)");
            assertThat(opa.seen).isEmpty();
        }
    }

    @Test
    void opaThatItsOwnPolicyKeepsFromUsIsAnError() throws Exception {
        web.publish(mesh.svid(TestMesh.pathOf("payment"))); // from: [web]
        OpaResult result = ask(TARGET);

        assertThat(result.detail()).isEqualTo("OPA authz: status 403 (expected: 200)");
        assertThat(opa.seen).isEmpty();
    }

    @Test
    void opaWithoutEndpointOrOnAnUndeclaredPortIsAnError() throws Exception {
        assertThat(ask(new Mesh.OpaTarget("authz", new Mesh.OpaAddress.InMesh("orders", 1), 16))
                        .detail())
                .isEqualTo("OPA authz: no endpoint (expected: a service of the Mesh that runs)");
        learn();
        assertThat(ask(TARGET).answer()).isEqualTo(OpaAnswer.ERROR);

        assertThat(opa.seen).isEmpty();
    }
}
