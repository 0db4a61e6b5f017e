package dev.sallyport.server.collector;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** Compares the sidecars that are there with the streams that are: each must have one that is not silent, and each that is gone must have ended its own. One thread; never blocks. */
final class StreamWatch {
    /** Three heartbeats. */
    static final Duration SILENT_AFTER = Duration.ofSeconds(90);
    /** A sidecar that is started again after a crash is back by then. */
    static final Duration GONE_AFTER = Duration.ofMinutes(5);

    private final Supplier<List<PresentSidecar>> present;
    private final Streams streams;
    private final Findings findings;
    private final Clock clock;
    private final Instant started;
    private final Map<PresentSidecar, Instant> since = new HashMap<>();

    StreamWatch(Supplier<List<PresentSidecar>> present, Streams streams, Findings findings, Clock clock) {
        this.present = present;
        this.streams = streams;
        this.findings = findings;
        this.clock = clock;
        this.started = clock.instant();
    }

    void look() {
        Instant now = clock.instant();
        List<PresentSidecar> here = present.get();
        since.keySet().retainAll(here);
        Map<PresentSidecar, StreamState> newest = streams.all().stream()
                .collect(Collectors.toMap(
                        StreamWatch::of,
                        Function.identity(),
                        (one, other) ->
                                Comparator.comparing(StreamState::newest).compare(one, other) >= 0 ? one : other));
        for (PresentSidecar sidecar : here) {
            Instant first = since.computeIfAbsent(sidecar, _ -> now);
            look(sidecar, Optional.ofNullable(newest.get(sidecar)), first, now);
        }
        newest.forEach((sidecar, stream) -> {
            if (!since.containsKey(sidecar)) {
                gone(stream, now);
            }
        });
        List<String> subjects = here.stream().map(PresentSidecar::toString).toList();
        for (FindingKind kind : List.of(FindingKind.SILENT, FindingKind.NO_STREAM)) {
            findings.subjects(kind).stream()
                    .filter(subject -> !subjects.contains(subject))
                    .forEach(subject -> findings.end(kind, subject, "the sidecar is gone"));
        }
        streams.all().forEach(this::cameBack);
    }

    private static PresentSidecar of(StreamState stream) {
        return new PresentSidecar(stream.name().service(), stream.name().instance());
    }

    private void look(PresentSidecar sidecar, Optional<StreamState> stream, Instant first, Instant now) {
        String subject = sidecar.toString();
        Instant from = stream.map(StreamState::newest).filter(first::isBefore).orElse(first);
        boolean silent = now.isAfter(from.plus(SILENT_AFTER));
        if (stream.isPresent()) {
            findings.end(FindingKind.NO_STREAM, subject, "its first batch came");
            findings.end(FindingKind.NO_END, stream.get().name().text(), "the sidecar is there again");
        }
        if (!silent) {
            findings.end(FindingKind.SILENT, subject, "it sends again");
        } else if (stream.isPresent()) {
            findings.open(
                    FindingKind.SILENT,
                    subject,
                    "nothing since " + from + " (expected: a heartbeat every 30 s); newest record "
                            + stream.get().last());
        } else {
            findings.open(FindingKind.NO_STREAM, subject, "no record since " + from + ", though it holds a lease");
        }
    }

    private void gone(StreamState stream, Instant now) {
        Instant from = stream.newest().isBefore(started) ? started : stream.newest();
        if (!stream.ended() && now.isAfter(from.plus(GONE_AFTER))) {
            findings.open(
                    FindingKind.NO_END,
                    stream.name().text(),
                    "the sidecar is gone, and record " + stream.last() + " of " + stream.newest()
                            + " (expected: an end record)");
        }
    }

    /** What was said of a stream that has ended well since is over. */
    private void cameBack(StreamState stream) {
        if (stream.ended()) {
            findings.end(FindingKind.NO_END, stream.name().text(), "its end record came");
            findings.end(FindingKind.BEGAN_ANEW, stream.name().text(), "its end record came");
        }
    }
}
