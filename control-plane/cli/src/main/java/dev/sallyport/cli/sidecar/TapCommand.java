package dev.sallyport.cli.sidecar;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectWriter;
import dev.sallyport.cli.CliException;
import dev.sallyport.cli.ControlPlaneApi;
import dev.sallyport.cli.Counted;
import dev.sallyport.cli.Invocation;
import dev.sallyport.cli.Invocation.Format;
import dev.sallyport.cli.OsSignal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tap}: decisions as they are made, of sidecars that run here, until Ctrl-C. */
@Command(
        description = {
            "Shows the decisions of sidecars on this machine as they are made, until Ctrl-C. Times are in UTC.",
            "  tap payment --denied --state DIR          what the sidecar of payment refuses"
        })
public final class TapCommand implements Callable<Integer> {
    private static final int RATE_MAX = 1000;
    /** In ASCII: what a client wrote is not for a terminal to obey. */
    private static final ObjectWriter ASCII = Invocation.JSON.writer().with(JsonWriteFeature.ESCAPE_NON_ASCII);

    private final Invocation invocation;

    @Mixin
    private SidecarOptions options = new SidecarOptions();

    @Parameters(paramLabel = "SERVICE", description = "of these only (default: of all that are found)")
    private List<String> services = new ArrayList<>();

    @Option(names = "--denied", description = "refused requests only")
    private boolean denied;

    @Option(names = "--caller", paramLabel = "ID", description = "of this SPIFFE ID only")
    private Optional<String> caller = Optional.empty();

    @Option(names = "--route", paramLabel = "NAME", description = "of this route only")
    private Optional<String> route = Optional.empty();

    @Option(
            names = "--rate",
            paramLabel = "N",
            defaultValue = "100",
            description = "at most so many a second of each sidecar, up to 1,000 (default: ${DEFAULT-VALUE})")
    private int rate;

    @Option(names = "--count", paramLabel = "N", description = "end after so many")
    private Optional<Long> count = Optional.empty();

    private Format format = Format.TABLE;
    private long shown; // guarded by this
    private long skipped; // guarded by this
    /** At most one of each stream, and one for each Ctrl-C. */
    private final BlockingQueue<End> ends = new LinkedBlockingQueue<>();

    /** Why something ended. */
    private sealed interface End {
        /** All of it, well: Ctrl-C, or as many as were wanted. */
        record Enough() implements End {}

        /** One stream, for good. */
        record Lost(CliException why) implements End {}
    }

    public TapCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() throws CliException {
        format = invocation.format(Format.TABLE, Format.WIDE, Format.JSON, Format.JSONL);
        if (rate < 1 || rate > RATE_MAX) {
            throw invocation.usage("--rate: " + rate + " (expected: 1 to " + RATE_MAX + ")");
        }
        count.filter(n -> n < 1).ifPresent(n -> {
            throw invocation.usage("--count: " + n + " (expected: 1 or more)");
        });
        List<AdminPort> ports = options.all(invocation, services);
        String path = path();
        List<Thread> threads = new ArrayList<>();
        Runnable restore = OsSignal.INT.intercept(_ -> ends.add(new End.Enough()));
        try (AdminClient client = new AdminClient()) {
            for (AdminPort port : ports) {
                threads.add(Thread.ofVirtual().start(() -> follow(client, port, path)));
            }
            await(ports.size());
            threads.forEach(Thread::interrupt);
        } finally {
            restore.run();
        }
        synchronized (this) {
            invocation.say(Counted.of(shown, "decision") + (skipped > 0 ? ", " + skipped + " more skipped" : ""));
        }
        return 0;
    }

    private String path() {
        return "/tap"
                + ControlPlaneApi.query(
                        "denied", denied ? "true" : "",
                        "service-route", route.orElse(""),
                        "caller", caller.orElse(""),
                        "perSecond", Integer.toString(rate));
    }

    private void follow(AdminClient client, AdminPort port, String path) {
        try {
            new TapStream(client, port, () -> again(port), path, new Printed())
                    .follow(there -> invocation.say("following " + there));
        } catch (CliException e) {
            ends.add(new End.Lost(e));
        } catch (InterruptedException e) {
            // Told to end.
        }
    }

    /** Its files again, if it was found by them. */
    private static AdminPort again(AdminPort port) throws CliException {
        return port.name().isEmpty()
                ? port
                : AdminPort.below(port.tokenFile().orElseThrow().resolveSibling("."), port.name());
    }

    /** Until there is a reason to end: Ctrl-C, enough, nobody reads, or no stream is left. One stream that ends is told while others go on. */
    private void await(int streams) throws CliException {
        int left = streams;
        while (!invocation.unread()) {
            Optional<End> end;
            try {
                end = Optional.ofNullable(ends.poll(1, TimeUnit.SECONDS));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
            if (end.isEmpty()) {
                continue;
            }
            switch (end.get()) {
                case End.Enough() -> {
                    return;
                }
                case End.Lost(CliException why) -> {
                    left--;
                    if (left == 0) {
                        throw why;
                    }
                    invocation.say(String.valueOf(why.getMessage()));
                }
            }
        }
    }

    /** Prints; one line at a time. */
    private final class Printed implements TapStream.Sink {
        @Override
        public void line(AdminPort port, JsonNode json) {
            String sidecar = port.name().isEmpty() ? port.address().toString() : port.name();
            synchronized (TapCommand.this) {
                if (count.isPresent() && shown >= count.get()) {
                    return;
                }
                JsonNode left = json.path("skipped");
                if (format == Format.JSON || format == Format.JSONL) {
                    invocation.print(ascii(json));
                }
                if (left.isNumber()) {
                    skipped += left.asLong();
                    say("sidecar: " + port + ": " + left.asLong() + " skipped in a second, more than " + rate
                            + " or than could be read (raise --rate, or look at less: --denied, --route, --caller)");
                    return;
                }
                if (format == Format.TABLE || format == Format.WIDE) {
                    invocation.print(new TapLine(sidecar, json).text(invocation, format == Format.WIDE));
                }
                shown++;
                if (count.isPresent() && shown >= count.get()) {
                    ends.add(new End.Enough());
                }
            }
        }

        @Override
        public void say(String message) {
            invocation.say(message);
        }

        private String ascii(JsonNode json) {
            try {
                return ASCII.writeValueAsString(json).replace("\u007f", "\\u007f");
            } catch (JsonProcessingException e) {
                throw new IllegalStateException("a tree is always JSON", e);
            }
        }
    }
}
