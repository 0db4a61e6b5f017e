package dev.sallyport.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.util.JSONObjectUtils;
import com.sun.net.httpserver.Headers;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShopServiceTest {
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    private final List<LocalServer> running = new ArrayList<>();

    @TempDir
    Path folder;

    @AfterEach
    void stop() {
        running.forEach(LocalServer::close);
    }

    @Test
    void answersWithWhatTheSidecarProved() throws Exception {
        String payment = start("payment", calls(Map.of()));
        HttpResponse<String> answer = send(
                payment,
                "POST",
                "/charges?amount=3",
                "x-forwarded-client-cert",
                "By=spiffe://shop.example/b;Hash=ab;Subject=\"\";URI=spiffe://shop.example/a",
                "x-sallyport-user",
                "al\"ice",
                "x-sallyport-issuer",
                "shop",
                "x-sallyport-roles",
                "customer,support",
                "x-sallyport-via",
                "web,orders");
        assertThat(answer.statusCode()).isEqualTo(200);
        Map<String, Object> seen = JSONObjectUtils.parse(answer.body());
        assertThat(seen)
                .containsEntry("service", "payment")
                .containsEntry("method", "POST")
                .containsEntry("path", "/charges")
                .containsEntry("caller", "spiffe://shop.example/a")
                .containsEntry("user", "al\"ice")
                .containsEntry("issuer", "shop")
                .containsEntry("roles", List.of("customer", "support"))
                .containsEntry("via", List.of("web", "orders"))
                .containsEntry("authorization", false)
                .containsEntry("hopToken", false)
                .doesNotContainKey("downstream");
    }

    @Test
    void namesNobodyWhereNothingWasProven() throws Exception {
        String payment = start("payment", calls(Map.of()));
        Map<String, Object> seen =
                JSONObjectUtils.parse(send(payment, "GET", "/charges/7").body());
        assertThat(seen)
                .containsEntry("caller", "")
                .containsEntry("user", "")
                .containsEntry("roles", List.of())
                .containsEntry("via", List.of());
    }

    @Test
    void saysWhatItShouldNotHave() throws Exception {
        String payment = start("payment", calls(Map.of()));
        Map<String, Object> seen =
                JSONObjectUtils.parse(send(payment, "GET", "/charges/7", "authorization", "Bearer t", "txn-token", "t")
                        .body());
        assertThat(seen).containsEntry("authorization", true).containsEntry("hopToken", true);
    }

    @Test
    void chainCarriesNoTokenOnAndShowsEveryAnswer() throws Exception {
        String payment = start("payment", calls(Map.of()));
        Path upstreams = folder.resolve("orders.upstreams");
        String orders = start("orders", new Downstream(Map.of(), Optional.of(upstreams), Downstream.FORWARDED));
        String web = start("web", calls(Map.of("orders", orders)));
        Files.writeString(upstreams, "payment=" + payment + "\n"); // known only after the start
        HttpResponse<String> answer =
                send(web, "POST", "/checkout", "Authorization", "Bearer t", "x-sallyport-user", "mallory");
        assertThat(answer.statusCode()).isEqualTo(200);
        Map<String, Object> last = downstream(downstream(JSONObjectUtils.parse(answer.body())));
        assertThat(last)
                .containsEntry("service", "payment")
                .containsEntry("path", "/charges")
                .containsEntry("authorization", false)
                .containsEntry("user", ""); // who the user is comes from sidecars, never from services
    }

    @Test
    void denialOfTheNextServiceComesBackWithItsStatusAndBody() throws Exception {
        LocalServer denies = LocalServer.bind(loopback()).serve(exchange -> {
            exchange.getResponseHeaders().set("WWW-Authenticate", "Bearer");
            LocalServer.respond(exchange, 401, "application/problem+json", "{\"status\":401,\"decisionId\":\"ID\"}");
        });
        running.add(denies);
        String web = start("web", calls(Map.of("orders", "http://" + denies.address())));
        HttpResponse<String> answer = send(web, "POST", "/checkout");
        assertThat(answer.statusCode()).isEqualTo(401);
        assertThat(downstream(JSONObjectUtils.parse(answer.body()))).containsEntry("decisionId", "ID");
    }

    @Test
    void nextServiceThatCannotBeReachedIsBadGateway() throws Exception {
        String web =
                start("web", new Downstream(Map.of(), Optional.of(folder.resolve("missing")), Downstream.FORWARDED));
        HttpResponse<String> answer = send(web, "POST", "/checkout");
        assertThat(answer.statusCode()).isEqualTo(502);
        assertThat(answer.body()).contains("no upstream: orders");
    }

    @Test
    void relayAsksTheNextServiceTheSameAndForwardsWhatItIsToldOnly() throws Exception {
        List<Headers> arrived = new CopyOnWriteArrayList<>();
        LocalServer last = LocalServer.bind(loopback()).serve(exchange -> {
            arrived.add(exchange.getRequestHeaders());
            String target = exchange.getRequestMethod() + " " + exchange.getRequestURI();
            LocalServer.respond(exchange, 200, "application/json", Json.quoted(target));
        });
        running.add(last);
        Map<String, String> upstreams = Map.of("b", "http://" + last.address());
        String a = start(relay(upstreams, "traceparent,tracestate"));
        String[] headers = {
            "traceparent",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "tracestate",
            "sallyport=1",
            "tracestate",
            "other=2",
            "Authorization",
            "Bearer t"
        };
        HttpResponse<String> answer = send(a, "PUT", "/things/a%2Fb?x=%20y", headers);
        assertThat(JSONObjectUtils.parse(answer.body())).containsEntry("downstream", "PUT /things/a%2Fb?x=%20y");
        assertThat(arrived.getLast().get("traceparent"))
                .containsExactly("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
        assertThat(String.join(",", arrived.getLast().get("tracestate"))).isEqualTo("sallyport=1,other=2");
        assertThat(arrived.getLast()).doesNotContainKey("Authorization");

        send(start(relay(upstreams, "none")), "GET", "/things", headers);
        assertThat(arrived.getLast()).doesNotContainKeys("Traceparent", "Tracestate", "Authorization");
    }

    private static ShopService relay(Map<String, String> upstreams, String forward) {
        return new ShopService(
                "a", Calls.relay("b"), new Downstream(upstreams, Optional.empty(), Downstream.headers(forward)));
    }

    @Test
    void listOfForwardedHeadersIsReadStrictly() {
        assertThat(Downstream.headers("traceparent,x-request-id")).containsExactly("traceparent", "x-request-id");
        assertThat(Downstream.headers("none")).isEmpty();
        for (String bad : List.of("", "a,", "a b", "a:b", "a\r\nb")) {
            assertThatThrownBy(() -> Downstream.headers(bad))
                    .as(bad)
                    .hasMessageContaining("expected: names of headers");
        }
    }

    @Test
    void headHasNoBody() throws Exception {
        String web = start("web", calls(Map.of()));
        assertThat(send(web, "HEAD", "/").body()).isEmpty();
        assertThat(send(web, "GET", "/healthz").body()).isEqualTo("{\"status\":\"ok\"}");
    }

    @Test
    void upstreamsAreReadFromListsAndLines() {
        assertThat(Downstream.parse("a=http://127.0.0.1:1,b=http://127.0.0.1:2"))
                .isEqualTo(Downstream.parse("a=http://127.0.0.1:1\nb=http://127.0.0.1:2\n"))
                .hasSize(2);
        assertThat(Downstream.parse("")).isEmpty();
        assertThatThrownBy(() -> Downstream.parse("a=http://elsewhere.example"))
                .hasMessageContaining("expected: service=http://127.0.0.1:port");
    }

    @Test
    void flagsRefuseWhatIsNotExpected() throws Exception {
        assertThat(Flags.parse(
                                new String[] {"--listen", "127.0.0.1:0"},
                                java.util.Set.of("--listen"),
                                java.util.Set.of())
                        .loopback("--listen")
                        .getPort())
                .isZero();
        for (String bad : List.of("0.0.0.0:1", "127.0.0.1", "127.0.0.1:x", "example.invalid:1", ":1")) {
            assertThatThrownBy(() -> Flags.parse(
                                    new String[] {"--listen", bad}, java.util.Set.of("--listen"), java.util.Set.of())
                            .loopback("--listen"))
                    .as(bad)
                    .isInstanceOf(Flags.UsageException.class);
        }
        assertThatThrownBy(
                        () -> Flags.parse(new String[] {"--lisen"}, java.util.Set.of("--listen"), java.util.Set.of()))
                .hasMessageContaining("--lisen");
    }

    private static Downstream calls(Map<String, String> upstreams) {
        return new Downstream(upstreams, Optional.empty(), Downstream.FORWARDED);
    }

    private String start(String service, Downstream downstream) throws Exception {
        return start(new ShopService(service, Calls.ofShop(service), downstream));
    }

    private String start(ShopService service) throws Exception {
        LocalServer server = LocalServer.bind(loopback()).serve(service::handle);
        running.add(server);
        return "http://" + server.address();
    }

    private static InetSocketAddress loopback() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> downstream(Map<String, Object> answer) {
        return (Map<String, Object>) java.util.Objects.requireNonNull(answer.get("downstream"));
    }

    private static HttpResponse<String> send(String base, String method, String path, String... headers)
            throws Exception {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(base + path)).method(method, HttpRequest.BodyPublishers.noBody());
        if (headers.length > 0) {
            request.headers(headers);
        }
        return CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }
}
