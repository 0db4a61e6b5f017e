package dev.sallyport.server.issuance;

import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/** Follows the chain of events in their order. One thread. */
public final class EventChain {
    /** What the first event ever is chained to. */
    static final String START = "0".repeat(64);

    /**
     * What a check found. {@code events} were read, from {@code first} on, and {@code notChecked} older ones were not; {@code head}: hash of the newest, for whoever wants to see later
     * that none was cut off behind it.
     */
    public record Checked(long events, long first, long notChecked, String head, Optional<String> broken) {
        Checked with(Optional<String> found) {
            return new Checked(events, first, notChecked, head, found);
        }
    }

    private final Set<String> forgotten = new HashSet<>();
    private Optional<CertificateEvent> first = Optional.empty();
    private Optional<CertificateEvent> last = Optional.empty();
    private Optional<String> broken = Optional.empty();
    private long events;

    /** The next one; after the first that does not fit, nothing counts. */
    void add(CertificateEvent event) {
        if (broken.isPresent()) {
            return;
        }
        events++;
        broken = wrong(event).map(what -> "event " + event.id() + " of " + event.at() + " " + what);
        if (event.kind().equals(CertificateEvent.Kind.FORGOTTEN.code())) {
            forgotten.add(event.detail());
        }
        first = first.or(() -> Optional.of(event));
        last = Optional.of(event);
    }

    private Optional<String> wrong(CertificateEvent event) {
        if (!event.hash().equals(event.link())) {
            return Optional.of("was altered");
        }
        if (last.isPresent() && event.id() != last.get().id() + 1) {
            return Optional.of("does not follow event " + last.get().id());
        }
        if (last.isPresent() && !event.previous().equals(last.get().hash())) {
            return Optional.of("is not chained to the one before it");
        }
        return Optional.empty();
    }

    /** {@code head}: what was recorded as the newest; {@code notChecked}: how many older ones are in the store. */
    Checked end(EventHead head, long notChecked) {
        if (first.isEmpty() || last.isEmpty()) {
            return new Checked(0, 0, notChecked, head.hash(), broken.or(() -> cutBehind(0, START, head)));
        }
        CertificateEvent start = first.get();
        boolean knownStart = start.previous().equals(START) ? start.id() == 1 : forgotten.contains(start.previous());
        if (broken.isEmpty() && notChecked == 0 && !knownStart) {
            broken = Optional.of("event " + start.id() + " is the first, and none says that older ones were forgotten");
        }
        CertificateEvent end = last.get();
        return new Checked(
                events, start.id(), notChecked, end.hash(), broken.or(() -> cutBehind(end.id(), end.hash(), head)));
    }

    private static Optional<String> cutBehind(long id, String hash, EventHead head) {
        return head.equals(new EventHead(id, hash))
                ? Optional.empty()
                : Optional.of("event " + id + " is the last, but " + head + " was recorded (expected: the same)");
    }
}
