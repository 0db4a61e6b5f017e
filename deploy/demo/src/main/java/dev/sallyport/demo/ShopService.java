package dev.sallyport.demo;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * One service of the shop: {@code sallyport shop-service --service orders --listen 127.0.0.1:0 …}. Every endpoint answers with what the application saw of the request, in JSON,
 * and an endpoint that needs another service calls it first and shows its answer too. It checks nothing: whatever reaches it was let through by its sidecar.
 */
public final class ShopService {
    /** The endpoints that need another service. */
    private static final Map<String, Call> CALLS = Map.of(
            "web POST /checkout", new Call("orders", "POST", "/orders"),
            "orders POST /orders", new Call("payment", "POST", "/charges"),
            "web GET /search", new Call("catalog", "GET", "/products"));

    private record Call(String service, String method, String path) {}

    private final String service;
    private final Downstream downstream;

    ShopService(String service, Downstream downstream) {
        this.service = service;
        this.downstream = downstream;
    }

    public static void main(String[] args) throws Exception {
        // A request that failed on a kept connection is reported, never sent twice behind our back: the demo counts
        // requests.
        System.setProperty("sun.net.http.retryPost", "false");
        LocalServer.tune();
        try {
            Flags flags = Flags.parse(
                    args,
                    Set.of("--service", "--listen", "--upstreams", "--upstreams-file"),
                    Set.of("--end-with-stdin"));
            String name = flags.required("--service");
            Downstream downstream = new Downstream(
                    Downstream.parse(flags.optional("--upstreams").orElse("")),
                    flags.optional("--upstreams-file").map(Path::of));
            try (LocalServer server = LocalServer.bind(flags.loopback("--listen"))) {
                server.serve(new ShopService(name, downstream)::handle);
                System.out.println(new Json()
                        .text("ready", "shop-service")
                        .text("service", name)
                        .text("listen", server.address()));
                LocalServer.awaitEnd(flags.has("--end-with-stdin"));
            }
            System.exit(0);
        } catch (Flags.UsageException | IllegalArgumentException e) {
            LocalServer.refuse("shop-service: " + e.getMessage(), 2);
        } catch (IOException e) {
            LocalServer.refuse("shop-service: cannot listen: " + e.getMessage() + " (expected: a free port)", 1);
        }
    }

    void handle(HttpExchange exchange) throws IOException {
        exchange.getRequestBody().readAllBytes();
        String path = exchange.getRequestURI().getPath();
        if (path.equals("/healthz")) {
            LocalServer.respond(exchange, 200, "application/json", "{\"status\":\"ok\"}");
            return;
        }
        Json seen = seen(exchange, path);
        int status = 200;
        Call next = CALLS.get(service + " " + exchange.getRequestMethod() + " " + path);
        if (next != null) {
            try {
                Downstream.Answer answer =
                        downstream.call(next.service(), next.method(), next.path(), exchange.getRequestHeaders());
                status = answer.good() ? 200 : answer.status();
                seen.raw("downstream", answer.body());
            } catch (IOException e) {
                status = 502;
                seen.text("error", next.service() + ": " + e.getMessage());
            }
        }
        LocalServer.respond(exchange, status, "application/json", seen.toString());
    }

    /** What the application can know of caller and user: only what its sidecar proved. */
    private Json seen(HttpExchange exchange, String path) {
        Headers headers = exchange.getRequestHeaders();
        return new Json()
                .text("service", service)
                .text("method", exchange.getRequestMethod())
                .text("path", path)
                .text("caller", caller(header(headers, "x-forwarded-client-cert")))
                .text("user", header(headers, "x-sallyport-user"))
                .text("issuer", header(headers, "x-sallyport-issuer"))
                .texts("roles", roles(header(headers, "x-sallyport-roles")))
                .flag("authorization", headers.containsKey("Authorization"));
    }

    private static String header(Headers headers, String name) {
        return Optional.ofNullable(headers.getFirst(name)).orElse("");
    }

    /** The {@code URI} of {@code By=…;Hash=…;Subject="";URI=spiffe://…}; empty for a request that came past the sidecar. */
    static String caller(String certificate) {
        for (String pair : certificate.split(";", -1)) {
            if (pair.startsWith("URI=")) {
                return pair.substring(4);
            }
        }
        return "";
    }

    private static List<String> roles(String header) {
        return header.isEmpty() ? List.of() : List.of(header.split(",", -1));
    }
}
