package dev.sallyport.cli.sidecar;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.cli.CliException;
import dev.sallyport.cli.Invocation;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * Follows the decisions of one sidecar, and comes back when it went: on a thread of its own, until that is interrupted. A terminal that is slow slows the reading, and the sidecar leaves out
 * what is not read: nothing is kept here beside one line.
 */
final class TapStream {
    private static final Duration PAUSE = Duration.ofMillis(500);
    /** The longest line that a sidecar writes has a few kilobytes; what is longer is somebody else's. */
    private static final int LINE_BYTES_MAX = 64 << 10;

    /** Where the lines go; called by several streams at once. */
    interface Sink {
        /** {@code json}: one object, of {@code port}'s sidecar. */
        void line(AdminPort port, JsonNode json);

        /** To people. */
        void say(String message);
    }

    /** A sidecar that starts anew may listen elsewhere. */
    @FunctionalInterface
    interface Finder {
        AdminPort find() throws CliException;
    }

    private final AdminClient client;
    private final Finder finder;
    private final String path;
    private final Sink sink;
    private AdminPort port; // of the thread that runs follow()

    TapStream(AdminClient client, AdminPort port, Finder finder, String path, Sink sink) {
        this.client = client;
        this.port = port;
        this.finder = finder;
        this.path = path;
        this.sink = sink;
    }

    /** Until interrupted. The first attempt has to succeed; later ones only end this when the sidecar says no. {@code there} is told once it answers. */
    void follow(Consumer<AdminPort> there) throws CliException, InterruptedException {
        InputStream first = client.stream(port, path);
        there.accept(port);
        read(first);
        while (true) {
            sink.say("sidecar: " + port + ": gone; waiting for it");
            InputStream again = reconnected();
            sink.say("sidecar: " + port + ": is back");
            read(again);
        }
    }

    private InputStream reconnected() throws CliException, InterruptedException {
        while (true) {
            Thread.sleep(PAUSE);
            try {
                port = finder.find();
            } catch (CliException e) {
                continue; // between its end and its start its files may be in the making
            }
            try {
                return client.stream(port, path);
            } catch (AdminUnreachableException e) {
                // Not yet.
            }
        }
    }

    private void read(InputStream stream) throws InterruptedException {
        try (stream) {
            ByteArrayOutputStream line = new ByteArrayOutputStream();
            byte[] bytes = new byte[8192];
            boolean tooLong = false;
            for (int n = stream.read(bytes); n >= 0; n = stream.read(bytes)) {
                for (int i = 0; i < n; i++) {
                    if (bytes[i] != '\n') {
                        tooLong |= line.size() >= LINE_BYTES_MAX;
                        if (!tooLong) {
                            line.write(bytes[i]);
                        }
                        continue;
                    }
                    if (tooLong) {
                        sink.say("sidecar: " + port + ": left out a line of more than " + LINE_BYTES_MAX + " bytes");
                    } else {
                        line(line.toString(StandardCharsets.UTF_8));
                    }
                    line.reset();
                    tooLong = false;
                }
            }
        } catch (IOException e) {
            // It broke off: the same to us as its end.
        }
        if (Thread.currentThread().isInterrupted()) {
            throw new InterruptedException();
        }
    }

    private void line(String text) {
        if (text.isBlank()) {
            return;
        }
        try {
            JsonNode json = Invocation.JSON.readTree(text);
            if (json.isObject()) {
                sink.line(port, json);
                return;
            }
        } catch (JsonProcessingException e) {
            // Said below.
        }
        sink.say("sidecar: " + port + ": left out a line that is no JSON object");
    }
}
