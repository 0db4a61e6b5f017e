package dev.sallyport.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.util.JSONObjectUtils;
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
        String payment = start("payment", new Downstream(Map.of(), Optional.empty()));
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
                "customer,support");
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
                .containsEntry("authorization", false)
                .doesNotContainKey("downstream");
    }

    @Test
    void namesNobodyWhereNothingWasProven() throws Exception {
        String payment = start("payment", new Downstream(Map.of(), Optional.empty()));
        Map<String, Object> seen =
                JSONObjectUtils.parse(send(payment, "GET", "/charges/7").body());
        assertThat(seen).containsEntry("caller", "").containsEntry("user", "").containsEntry("roles", List.of());
    }

    @Test
    void chainCarriesTheTokenOnAndShowsEveryAnswer() throws Exception {
        String payment = start("payment", new Downstream(Map.of(), Optional.empty()));
        Path upstreams = folder.resolve("orders.upstreams");
        String orders = start("orders", new Downstream(Map.of(), Optional.of(upstreams)));
        String web = start("web", new Downstream(Map.of("orders", orders), Optional.empty()));
        Files.writeString(upstreams, "payment=" + payment + "\n"); // known only after the start
        HttpResponse<String> answer =
                send(web, "POST", "/checkout", "Authorization", "Bearer t", "x-sallyport-user", "mallory");
        assertThat(answer.statusCode()).isEqualTo(200);
        Map<String, Object> last = downstream(downstream(JSONObjectUtils.parse(answer.body())));
        assertThat(last)
                .containsEntry("service", "payment")
                .containsEntry("path", "/charges")
                .containsEntry("authorization", true)
                .containsEntry("user", ""); // who the user is comes from sidecars, never from services
    }

    @Test
    void denialOfTheNextServiceComesBackWithItsStatusAndBody() throws Exception {
        LocalServer denies = LocalServer.bind(loopback()).serve(exchange -> {
            exchange.getResponseHeaders().set("WWW-Authenticate", "Bearer");
            LocalServer.respond(exchange, 401, "application/problem+json", "{\"status\":401,\"decisionId\":\"ID\"}");
        });
        running.add(denies);
        String web = start("web", new Downstream(Map.of("orders", "http://" + denies.address()), Optional.empty()));
        HttpResponse<String> answer = send(web, "POST", "/checkout");
        assertThat(answer.statusCode()).isEqualTo(401);
        assertThat(downstream(JSONObjectUtils.parse(answer.body()))).containsEntry("decisionId", "ID");
    }

    @Test
    void nextServiceThatCannotBeReachedIsBadGateway() throws Exception {
        String web = start("web", new Downstream(Map.of(), Optional.of(folder.resolve("missing"))));
        HttpResponse<String> answer = send(web, "POST", "/checkout");
        assertThat(answer.statusCode()).isEqualTo(502);
        assertThat(answer.body()).contains("no upstream: orders");
    }

    @Test
    void headHasNoBody() throws Exception {
        String web = start("web", new Downstream(Map.of(), Optional.empty()));
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

    private String start(String service, Downstream downstream) throws Exception {
        LocalServer server = LocalServer.bind(loopback()).serve(new ShopService(service, downstream)::handle);
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
