package dev.sallyport.e2e;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Requests through a mesh, one after the other every few milliseconds, until it is closed; every one must succeed. */
final class Traffic implements AutoCloseable {
    private static final long EVERY_MILLIS = 10;
    private static final int AT_ONCE_MAX = 8;
    private static final Duration ANSWER_WITHIN = Duration.ofSeconds(10);

    private final HttpClient client = HttpClient.newHttpClient();
    private final URI uri;
    private final Semaphore room = new Semaphore(AT_ONCE_MAX);
    private final AtomicInteger sent = new AtomicInteger();
    private final Queue<String> succeeded = new ConcurrentLinkedQueue<>();
    private final AtomicInteger answered = new AtomicInteger();
    private final Queue<String> failures = new ConcurrentLinkedQueue<>();
    private final Thread pacer;
    private volatile boolean stopped;

    private Traffic(URI uri) {
        this.uri = uri;
        pacer = Thread.ofVirtual().start(this::pace);
    }

    /** Of {@code front} to {@code back}, as an application beside front would. */
    static Traffic of(Running front) {
        return to("http://" + front.ready().at("/upstreams/back").asText() + "/things/1");
    }

    static Traffic to(String url) {
        return new Traffic(URI.create(url));
    }

    private void pace() {
        try {
            while (!stopped) {
                room.acquire();
                Thread.ofVirtual().start(this::send);
                Thread.sleep(EVERY_MILLIS);
            }
        } catch (InterruptedException e) {
            failures.add("interrupted");
        }
    }

    private void send() {
        String traceId = "%032x".formatted(sent.incrementAndGet());
        HttpRequest request = HttpRequest.newBuilder(uri)
                .timeout(ANSWER_WITHIN)
                .header("traceparent", "00-" + traceId + "-00000000000000ab-01")
                .build();
        try {
            HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
            if (answer.statusCode() == 200) {
                succeeded.add(traceId);
            } else {
                failures.add(answer.statusCode() + " " + answer.body());
            }
            answered.incrementAndGet();
        } catch (IOException e) {
            failures.add(e.toString());
        } catch (InterruptedException e) {
            failures.add("interrupted");
        } finally {
            room.release();
        }
    }

    /** So far. */
    int answered() {
        return answered.get();
    }

    /** The trace ids of those that were answered with 200. */
    Queue<String> succeeded() {
        return succeeded;
    }

    /** What went wrong so far, an empty queue if nothing did. */
    Queue<String> failures() {
        return failures;
    }

    /** Sends no more, waits for what is under way, and says what went wrong in all that time. */
    Queue<String> finish() throws InterruptedException {
        if (!stopped) {
            stopped = true;
            pacer.join();
            if (!room.tryAcquire(AT_ONCE_MAX, ANSWER_WITHIN.toMillis(), TimeUnit.MILLISECONDS)) {
                failures.add("no answer within " + ANSWER_WITHIN);
            }
        }
        return failures;
    }

    @Override
    public void close() throws IOException {
        try {
            finish();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
