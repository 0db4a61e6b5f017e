package dev.sallyport.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sallyport.audit.AuditRecord;
import dev.sallyport.proxy.telemetry.Telemetry;
import dev.sallyport.proxy.testing.TestLimits;
import java.lang.reflect.Field;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;

/** Three services, each with both doors and an application of bytes whose answers wait until a test lets them go: orders verifies users of shop, payment takes them from orders, web from payment. */
final class Passing implements AutoCloseable {
    static final String DOCUMENTS = """
            apiVersion: sallyport.dev/v1
            kind: Mesh
            metadata: {name: shop}
            spec:
              trustDomain: shop.example
              issuers:
                shop: {issuer: "https://auth.shop.example", audiences: [shop-api], algorithms: [ES256], roles: realm_access.roles,
                       claims: {dept: string, amr: [string]}, verifiedBy: [orders], propagate: [dept]}
              services:
                web: {identity: "spiffe://shop.example/ns/edge/sa/web", ports: {8080: http}}
                orders: {identity: "spiffe://shop.example/ns/shop/sa/orders", ports: {8080: http}}
                payment: {identity: "spiffe://shop.example/ns/shop/sa/payment", ports: {8080: http}}
            ---
            apiVersion: sallyport.dev/v1
            kind: RoutePolicy
            metadata: {name: orders}
            spec:
              service: orders
              routes:
                place: {match: POST /orders, allow: {web: {from: [web], user: required}}}
                keep: {match: POST /kept, allow: {web: {from: [web], user: required, forwardToken: true}}}
                open: {match: POST /open, allow: {web: {from: [web], user: none}}}
            ---
            apiVersion: sallyport.dev/v1
            kind: RoutePolicy
            metadata: {name: payment}
            spec:
              service: payment
              routes:
                charges: {match: GET /charges, allow: {orders: {from: [orders], user: {issuer: shop, anyRole: [customer], via: {from: [orders], maxHops: 1}}}}}
                own: {match: GET /own, allow: {orders: {from: [orders], user: required}}}
                open: {match: GET /open, allow: {orders: {from: [orders], user: none}}}
            ---
            apiVersion: sallyport.dev/v1
            kind: RoutePolicy
            metadata: {name: web}
            spec:
              service: web
              routes:
                receipts: {match: GET /receipts, allow: {payment: {from: [payment], user: {issuer: shop, via: {from: [orders], maxHops: 2}}}}}
                near: {match: GET /near, allow: {payment: {from: [payment], user: {issuer: shop, via: {from: [orders], maxHops: 1}}}}}
            """;

    final TestMesh mesh;
    final RawApplication payment;
    final RawApplication web;
    final TestSidecar orders;
    final RawApplication ordersApplication;
    private final Map<String, TestSidecar> sidecars;
    private final Map<String, SSLContext> callers = new ConcurrentHashMap<>();

    private Passing(
            TestMesh mesh,
            RawApplication orders,
            RawApplication payment,
            RawApplication web,
            Map<String, Object> limits,
            Function<TestSidecar, Telemetry> telemetry)
            throws Exception {
        this.mesh = mesh;
        this.ordersApplication = orders;
        this.payment = payment;
        this.web = web;
        this.sidecars = Map.of(
                "orders", start("orders", orders, limits, telemetry),
                "payment", start("payment", payment, limits, telemetry),
                "web", start("web", web, limits, telemetry));
        this.orders = sidecar("orders");
        for (TestSidecar sidecar : sidecars.values()) {
            mesh.endpoint(sidecar.service, sidecar.inbound());
        }
        learn(mesh.documents);
    }

    private TestSidecar start(
            String service,
            RawApplication application,
            Map<String, Object> limits,
            Function<TestSidecar, Telemetry> telemetry)
            throws Exception {
        return TestSidecar.start(
                mesh,
                service,
                mesh.svid(TestMesh.pathOf(service)),
                application.address(),
                TestLimits.with(limits),
                telemetry);
    }

    static Passing open(Path folder) throws Exception {
        return open(folder, DOCUMENTS, Map.of());
    }

    /** {@code limits}: of all sidecars, by name, where they are not the standard ones. */
    static Passing open(Path folder, String documents, Map<String, Object> limits) throws Exception {
        return open(folder, documents, limits, sidecar -> Telemetry.of(sidecar.metrics));
    }

    /** {@code telemetry}: who hears of each sidecar's requests. */
    static Passing open(
            Path folder, String documents, Map<String, Object> limits, Function<TestSidecar, Telemetry> telemetry)
            throws Exception {
        TestMesh mesh = TestMesh.open(folder);
        mesh.documents = documents;
        return new Passing(
                mesh, RawApplication.plain(), RawApplication.plain(), RawApplication.plain(), limits, telemetry);
    }

    /** From now on these documents are in force everywhere. */
    void learn(String documents) throws Exception {
        mesh.documents = documents;
        for (TestSidecar sidecar : sidecars.values()) {
            sidecar.learn();
        }
    }

    TestSidecar sidecar(String service) {
        return java.util.Objects.requireNonNull(sidecars.get(service));
    }

    /** A request of a user at orders, by web, whose application has it and does not answer before {@link Arrival#close}. */
    Arrival arrive(String user, String... roles) throws Exception {
        return arriveWith("POST /orders", "authorization: Bearer " + mesh.token(user, roles));
    }

    /** The same with these fields. */
    Arrival arriveWith(String request, String... fields) throws Exception {
        return arriveAt("orders", "web", request, fields);
    }

    /** At {@code service}, by {@code caller}'s sidecar. */
    Arrival arriveAt(String service, String caller, String request, String... fields) throws Exception {
        return new Arrival(service, application(service), as(caller, service), request, fields);
    }

    /** What speaks to {@code service} as {@code caller}'s sidecar. */
    RawClient as(String caller, String service) throws Exception {
        SSLContext context = callers.get(caller);
        if (context == null) {
            context = RawClient.context(mesh.svid(TestMesh.pathOf(caller)), mesh.authority.trustBundle());
            callers.put(caller, context);
        }
        return RawClient.tls(sidecar(service).inbound(), context, "8080." + service + ".shop.example");
    }

    /** The whole answer of {@code service} to what {@code caller}'s sidecar asks; records and visits are this one's alone. */
    String ask(String caller, String service, String request, String... fields) throws Exception {
        forget();
        return as(caller, service).ask(head(service, request, fields));
    }

    private static String head(String service, String request, String... fields) {
        return request + " HTTP/1.1\r\nHost: " + service + "\r\nConnection: close\r\n"
                + String.join("", Stream.of(fields).map(field -> field + "\r\n").toList())
                + "\r\n";
    }

    RawApplication application(String service) {
        return switch (service) {
            case "orders" -> ordersApplication;
            case "payment" -> payment;
            default -> web;
        };
    }

    /** Every field of every record so far. */
    String recorded() throws IllegalAccessException {
        StringBuilder all = new StringBuilder();
        for (TestSidecar sidecar : sidecars.values()) {
            for (AuditRecord record : sidecar.records) {
                for (Field field : AuditRecord.class.getFields()) {
                    all.append(field.getName())
                            .append('=')
                            .append(field.get(record))
                            .append('\n');
                }
            }
        }
        return all.toString();
    }

    /** The same user at payment, by what orders' application was given. */
    Arrival arriveAtPayment(Arrival atOrders) throws Exception {
        return arriveBy(atOrders, "payment", "GET /charges", atOrders.state());
    }

    /** What the application that has {@code open} asks of {@code service}, whose application has it in turn. */
    Arrival arriveBy(Arrival open, String service, String request, String... fields) throws Exception {
        RawClient client = RawClient.plain(sidecar(open.service).upstream(service));
        return new Arrival(service, application(service), client, request, fields);
    }

    /** An inbound request under way: its application has read it. */
    final class Arrival implements AutoCloseable {
        private final String service;
        private final RawClient client;
        private final CountDownLatch answered = new CountDownLatch(1);
        private final String head;

        Arrival(String service, RawApplication application, RawClient client, String request, String... fields)
                throws Exception {
            this.service = service;
            this.client = client;
            int before = application.visits.size();
            application.script = visit -> {
                visit.request();
                try {
                    answered.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                visit.send(RawApplication.OK.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"));
            };
            client.send(request + " HTTP/1.1\r\nHost: " + service + "\r\n"
                    + String.join(
                            "", Stream.of(fields).map(field -> field + "\r\n").toList())
                    + (request.startsWith("POST") ? "Content-Length: 0\r\n" : "") + "\r\n");
            await().atMost(Hop.SOON).until(() -> application.visits.size() > before);
            RawApplication.Visit visit = application.visits.getLast();
            await().atMost(Hop.SOON).until(() -> visit.received().contains("\r\n\r\n"));
            head = visit.received();
            application.script = RawApplication.ANSWERS;
        }

        /** The only value of a field that the application was given. */
        String field(String name) {
            List<String> values = head.lines()
                    .filter(line -> line.startsWith(name + ": "))
                    .map(line -> line.substring(name.length() + 2))
                    .toList();
            assertThat(values).as(name + " in " + head).hasSize(1);
            return values.getFirst();
        }

        String head() {
            return head;
        }

        /** {@code tracestate: sallyport=…}: what an instrumented application sends on. */
        String state() {
            return "tracestate: " + field("tracestate");
        }

        /** The exact span. */
        String parent() {
            return "traceparent: " + field("traceparent");
        }

        /** The client goes away without a word, and the sidecar knows. */
        void cancel() throws java.io.IOException {
            long before = ended();
            client.cut();
            await().atMost(Hop.SOON).until(() -> ended() > before);
        }

        /** The application answers, and the sidecar knows. */
        void end() throws java.io.IOException {
            long before = ended();
            answered.countDown();
            client.until("\r\n\r\nok");
            await().atMost(Hop.SOON).until(() -> ended() > before);
            client.close();
        }

        private long ended() {
            return sidecar(service).records.stream()
                    .filter(record -> record.direction == AuditRecord.Direction.INBOUND)
                    .count();
        }

        /** Out of {@code tracestate}. */
        String handle() {
            String state = field("tracestate");
            return state.substring(state.indexOf("sallyport=") + 10, state.indexOf("sallyport=") + 42);
        }

        /** The whole answer to what the application asks of another service, by its own sidecar. */
        String asks(String other, String request, String... fields) throws Exception {
            return RawClient.plain(sidecar(service).upstream(other)).ask(Passing.head(other, request, fields));
        }

        @Override
        public void close() throws java.io.IOException {
            answered.countDown();
            client.close();
        }
    }

    /** The last one of a sidecar's inbound side, whose exchanges have all ended. */
    AuditRecord inboundRecord(String service) {
        return record(service, AuditRecord.Direction.INBOUND);
    }

    AuditRecord outboundRecord(String service) {
        return record(service, AuditRecord.Direction.OUTBOUND);
    }

    private AuditRecord record(String service, AuditRecord.Direction direction) {
        TestSidecar sidecar = sidecar(service);
        await().atMost(Hop.SOON)
                .until(() -> sidecar.records.stream().anyMatch(record -> record.direction == direction));
        return sidecar.records.stream()
                .filter(record -> record.direction == direction)
                .reduce((_, later) -> later)
                .orElseThrow();
    }

    /** Between two tests. */
    void forget() {
        for (TestSidecar sidecar : sidecars.values()) {
            await().atMost(Hop.SOON).until(() -> sidecar.dataPath.active() == 0);
            sidecar.settle();
            sidecar.records.clear();
        }
        for (RawApplication application : List.of(ordersApplication, payment, web)) {
            application.script = RawApplication.ANSWERS;
            application.forget();
        }
    }

    @Override
    public void close() {
        sidecars.values().forEach(TestSidecar::close);
        List.of(ordersApplication, payment, web).forEach(RawApplication::close);
    }
}
