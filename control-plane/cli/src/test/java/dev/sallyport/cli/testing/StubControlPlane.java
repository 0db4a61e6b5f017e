package dev.sallyport.cli.testing;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import dev.sallyport.authority.EmbeddedAuthority;
import dev.sallyport.authority.IssuedCertificate;
import dev.sallyport.authority.KeyEncryption;
import dev.sallyport.authority.PeopleAuthority;
import dev.sallyport.identity.CertificateSigningRequest;
import dev.sallyport.identity.Pem;
import dev.sallyport.identity.SpiffeId;
import dev.sallyport.identity.TrustBundle;
import dev.sallyport.identity.TrustDomain;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManagerFactory;

/** The API's side of the wire with canned answers, behind certificates of the real authorities: TLS 1.3, client certificate of the people's authority required. */
public final class StubControlPlane implements AutoCloseable {
    /** What arrived. */
    public record Request(String method, String path, String query, Map<String, List<String>> headers, String body) {}

    /** What to answer. */
    public record Answer(int status, String body, Charset charset) {
        public Answer(int status, String body) {
            this(status, body, StandardCharsets.UTF_8);
        }

        /** Exact bytes. */
        public static Answer of(byte[] bytes) {
            return new Answer(200, new String(bytes, StandardCharsets.ISO_8859_1), StandardCharsets.ISO_8859_1);
        }
    }

    /** Answers by request. */
    @FunctionalInterface
    public interface Handler {
        Answer answer(Request request);
    }

    public static final TrustDomain SHOP = new TrustDomain("shop.example");

    public final Path context;
    public final List<Request> requests = new CopyOnWriteArrayList<>();
    private final Map<String, Handler> handlers = new ConcurrentHashMap<>();
    private volatile Optional<TrustBundle> announced = Optional.empty();
    private final HttpsServer server;

    private StubControlPlane(Path context, HttpsServer server) {
        this.context = context;
        this.server = server;
    }

    /** As a control plane is. */
    public static StubControlPlane start(Path folder) throws Exception {
        return start(folder, SpiffeId.controlPlane(SHOP), folder.resolve("ca"));
    }

    /** {@code identity}: whom the server's certificate names; {@code ca}: who signed it, while the context believes the authority in {@code folder/ca}. */
    public static StubControlPlane start(Path folder, SpiffeId identity, Path ca) throws Exception {
        KeyEncryption encryption = KeyEncryption.fromFile(folder.resolve("ca.key"));
        EmbeddedAuthority believed = authority(folder.resolve("ca"), encryption);
        EmbeddedAuthority signing = ca.equals(folder.resolve("ca")) ? believed : authority(ca, encryption);
        PeopleAuthority people = PeopleAuthority.open(folder.resolve("people"), encryption, Clock.systemUTC());
        HttpsServer server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new ClientCertificateRequired(tls(signing, people, identity)));
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        Path context = context(folder, believed, people, server.getAddress().getPort());
        StubControlPlane stub = new StubControlPlane(context, server);
        server.createContext("/", stub::handle);
        server.start();
        return stub;
    }

    /** {@code request}: {@code "GET /v1/status"}. */
    public StubControlPlane on(String request, Handler handler) {
        handlers.put(request, handler);
        return this;
    }

    public StubControlPlane on(String request, int status, String body) {
        return on(request, _ -> new Answer(status, body));
    }

    /** Every answer says from now on that {@code bundle} is in force, and it can be asked for. */
    public void announce(TrustBundle bundle) {
        announced = Optional.of(bundle);
        on(
                "GET /v1/trust-bundle",
                200,
                "{\"trustDomain\":\"" + bundle.trustDomain().name() + "\",\"trustBundle\":\""
                        + bundle.toPem().replace("\n", "\\n") + "\"}");
    }

    /** The roots of the authority in {@code folder}, which is made if need be. */
    public static TrustBundle roots(Path folder, Path ca) throws IOException {
        return authority(ca, KeyEncryption.fromFile(folder.resolve("ca.key"))).trustBundle();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getPath();
            Request request = new Request(
                    exchange.getRequestMethod(),
                    path,
                    Objects.requireNonNullElse(exchange.getRequestURI().getQuery(), ""),
                    Map.copyOf(exchange.getRequestHeaders()),
                    new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            requests.add(request);
            Answer answer = handlers.getOrDefault(
                            request.method() + " " + path,
                            _ -> new Answer(404, "{\"title\":\"Not Found\",\"status\":404}"))
                    .answer(request);
            announced.ifPresent(bundle -> exchange.getResponseHeaders().add("sallyport-trust-bundle", bundle.digest()));
            byte[] body = answer.body().getBytes(answer.charset());
            exchange.sendResponseHeaders(answer.status(), body.length);
            exchange.getResponseBody().write(body);
        }
    }

    private static EmbeddedAuthority authority(Path folder, KeyEncryption encryption) throws IOException {
        return EmbeddedAuthority.open(folder, SHOP, encryption, Clock.systemUTC());
    }

    private static Path context(Path folder, EmbeddedAuthority authority, PeopleAuthority people, int port)
            throws Exception {
        KeyPair keys = CertificateSigningRequest.newKeyPair();
        IssuedCertificate person =
                people.issue(CertificateSigningRequest.der(keys), "administrator", "admin", Duration.ofDays(365));
        String json = new ObjectMapper()
                .createObjectNode()
                .put("mesh", "shop")
                .put("trustDomain", "shop.example")
                .put("api", "127.0.0.1:" + port)
                .put("certificate", Pem.encode(person.chain()))
                .put("privateKey", Pem.encode(keys.getPrivate()))
                .put("trustBundle", authority.trustBundle().toPem())
                .toString();
        Path file = folder.resolve("admin.json");
        Files.writeString(file, json);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        return file;
    }

    private static SSLContext tls(EmbeddedAuthority authority, PeopleAuthority people, SpiffeId identity)
            throws Exception {
        KeyPair keys = CertificateSigningRequest.newKeyPair();
        IssuedCertificate issued = authority.issue(CertificateSigningRequest.der(keys), identity, Duration.ofHours(1));
        KeyStore own = KeyStore.getInstance("PKCS12");
        own.load(null, null);
        own.setKeyEntry("server", keys.getPrivate(), new char[0], issued.chain().toArray(Certificate[]::new));
        KeyManagerFactory keyManagers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keyManagers.init(own, new char[0]);
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("people", people.root());
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext tls = SSLContext.getInstance("TLSv1.3");
        tls.init(keyManagers.getKeyManagers(), trust.getTrustManagers(), null);
        return tls;
    }

    private static final class ClientCertificateRequired extends HttpsConfigurator {
        ClientCertificateRequired(SSLContext context) {
            super(context);
        }

        @Override
        public void configure(HttpsParameters parameters) {
            SSLParameters tls = getSSLContext().getDefaultSSLParameters();
            tls.setNeedClientAuth(true);
            tls.setProtocols(new String[] {"TLSv1.3"});
            parameters.setSSLParameters(tls);
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
