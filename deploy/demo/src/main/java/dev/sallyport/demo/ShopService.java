package dev.sallyport.demo;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * One service of the shop: {@code sallyport shop-service --service orders --listen 127.0.0.1:0 …}. Every endpoint answers with what the application saw of the request, in JSON,
 * and an endpoint that needs another service calls it first and shows its answer too; with {@code --next SERVICE} every endpoint does. It checks nothing: whatever reaches it was
 * let through by its sidecar.
 */
public final class ShopService {
    private final String service;
    private final Calls calls;
    private final Downstream downstream;

    ShopService(String service, Calls calls, Downstream downstream) {
        this.service = service;
        this.calls = calls;
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
                    Set.of("--service", "--listen", "--upstreams", "--upstreams-file", "--next", "--forward"),
                    Set.of("--end-with-stdin"));
            String name = flags.required("--service");
            Calls calls = flags.optional("--next").map(Calls::relay).orElseGet(() -> Calls.ofShop(name));
            Downstream downstream = new Downstream(
                    Downstream.parse(flags.optional("--upstreams").orElse("")),
                    flags.optional("--upstreams-file").map(Path::of),
                    flags.optional("--forward").map(Downstream::headers).orElse(Downstream.FORWARDED));
            try (LocalServer server = LocalServer.bind(flags.loopback("--listen"))) {
                server.serve(new ShopService(name, calls, downstream)::handle);
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
        Optional<Calls.Call> call = calls.before(exchange.getRequestMethod(), exchange.getRequestURI());
        if (call.isPresent()) {
            try {
                Downstream.Answer answer = downstream.make(call.get(), exchange.getRequestHeaders());
                status = answer.good() ? 200 : answer.status();
                seen.raw("downstream", answer.body());
            } catch (IOException e) {
                status = 502;
                seen.text("error", call.get().service() + ": " + e.getMessage());
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
                .texts("roles", list(header(headers, "x-sallyport-roles")))
                .texts("via", list(header(headers, "x-sallyport-via")))
                .flag("authorization", headers.containsKey("Authorization"))
                .flag("hopToken", headers.containsKey("Txn-Token"));
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

    private static List<String> list(String header) {
        return header.isEmpty() ? List.of() : List.of(header.split(",", -1));
    }
}
