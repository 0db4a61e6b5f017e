package dev.sallyport.server.copies;

import com.sun.net.httpserver.HttpExchange;
import dev.sallyport.server.fetch.TestProvider;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** Web servers on this machine that copies may go to, for tests of a whole control plane. */
public final class SinkServer implements AutoCloseable {
    private final TestProvider server;
    private final FakeSinks.Loki loki = new FakeSinks.Loki();
    private final List<String> wrong = new CopyOnWriteArrayList<>();

    private SinkServer() throws IOException {
        server = TestProvider.http();
    }

    /** Takes what Loki takes. */
    public static SinkServer loki() throws IOException {
        SinkServer made = new SinkServer();
        made.server.on(made.loki.path(), made::take);
        return made;
    }

    /** Refuses everything, and repeats in its answer every header that it was sent. */
    public static SinkServer telltale(int status) throws IOException {
        SinkServer made = new SinkServer();
        made.server.on("/", exchange -> {
            exchange.getRequestBody().readAllBytes();
            StringBuilder said = new StringBuilder("no: ");
            exchange.getRequestHeaders().forEach((name, values) -> said.append(name + values + " "));
            TestProvider.answer(exchange, status, "text/plain", said.toString().getBytes(StandardCharsets.UTF_8));
        });
        return made;
    }

    private void take(HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readAllBytes();
        FakeSinks.Said said;
        try {
            said = loki.take(exchange.getRequestHeaders().getFirst("content-type"), body);
        } catch (IllegalArgumentException | IOException e) {
            wrong.add(String.valueOf(e.getMessage()));
            said = new FakeSinks.Said(400, "");
        }
        TestProvider.answer(
                exchange, said.status(), "application/json", said.body().getBytes(StandardCharsets.UTF_8));
    }

    public String base() {
        return server.base();
    }

    public CopySettings copy(String name, Optional<java.nio.file.Path> headersFile) {
        return new CopySettings(
                name,
                CopySettings.Kind.LOKI,
                new CopySettings.Web(URI.create(base()), headersFile, List.of(), ""),
                false,
                CopyWorld.LABELS);
    }

    /** Entries by their index in the log. */
    public Map<Long, String> lines() {
        synchronized (loki) {
            return new TreeMap<>(loki.lines);
        }
    }

    /** What did not keep to the format. */
    public List<String> wrong() {
        return wrong;
    }

    @Override
    public void close() {
        server.close();
    }
}
