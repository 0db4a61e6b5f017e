package dev.sallyport.server.copies;

import com.sun.net.httpserver.HttpExchange;
import dev.sallyport.audit.export.ExportLabels;
import dev.sallyport.server.fetch.Fetch;
import dev.sallyport.server.fetch.TestProvider;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/** A log, a sink behind real HTTP, and copies between them. */
final class CopyWorld implements AutoCloseable {
    static final ExportLabels LABELS = new ExportLabels(Optional.of("shop"), Optional.of("prod"));
    private static final Duration SHORT = Duration.ofMillis(5);

    final FakeLog log = new FakeLog();
    final TestProvider server;
    final Fetch fetch;
    final Path folder;
    final AtomicInteger requests = new AtomicInteger();
    /** Formats that the fake did not take. */
    final List<String> wrong = new CopyOnWriteArrayList<>();
    /** What is answered instead of asking the fake. */
    volatile Function<Integer, Optional<FakeSinks.Said>> instead = _ -> Optional.empty();

    CopyWorld(Path folder, FakeSinks.Fake fake) throws IOException {
        this.folder = folder;
        server = TestProvider.http();
        fetch = server.fetch(Duration.ofSeconds(20));
        server.on(fake.path(), exchange -> answer(fake, exchange));
    }

    private void answer(FakeSinks.Fake fake, HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readAllBytes();
        FakeSinks.Said said;
        try {
            Optional<FakeSinks.Said> other = instead.apply(requests.incrementAndGet());
            said = other.isPresent()
                    ? other.get()
                    : fake.take(exchange.getRequestHeaders().getFirst("content-type"), body);
        } catch (IllegalArgumentException | IOException e) {
            wrong.add(String.valueOf(e.getMessage()));
            said = new FakeSinks.Said(400, String.valueOf(e.getMessage()));
        }
        TestProvider.answer(
                exchange, said.status(), "application/json", said.body().getBytes(StandardCharsets.UTF_8));
    }

    CopySettings settings(CopySettings.Kind kind) {
        return new CopySettings(
                "one",
                kind,
                new CopySettings.Web(URI.create(server.base()), Optional.empty(), List.of(), "audit"),
                false,
                LABELS);
    }

    Copy copy(CopySettings settings) {
        return copy(settings, Copies.sink(settings, fetch::send, Clock.systemUTC()));
    }

    Copy copy(CopySettings settings, Sink sink) {
        return new Copy(settings, folder.resolve(settings.name()), log, sink, Clock.systemUTC(), SHORT);
    }

    static void await(BooleanSupplier done) throws InterruptedException {
        long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (!done.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("not within 30 s");
            }
            Thread.sleep(5);
        }
    }

    @Override
    public void close() {
        server.close();
    }
}
