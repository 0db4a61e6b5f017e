package dev.sallyport.server.issuance;

import dev.sallyport.server.ca.CaEvents;
import java.time.Clock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What people and time did to the authorities, in the chain of the certificates' events: who changes an authority changes every certificate. Any thread; blocks. */
public final class AuthorityEvents implements CaEvents {
    private static final Logger log = LoggerFactory.getLogger(AuthorityEvents.class);

    private final CertificateEvents events;
    private final Clock clock;

    public AuthorityEvents(CertificateEvents events, Clock clock) {
        this.events = events;
        this.clock = clock;
    }

    @Override
    public void record(String what, String actor, String detail) {
        log.info("{}: {}", what, detail);
        try {
            events.add(new CertificateEvent.Draft(
                    clock.instant(), CertificateEvent.Kind.AUTHORITY, "", "", "", "", actor, what + ": " + detail, 1));
        } catch (RuntimeException e) {
            // It has happened, and a rotation that stands still for a full disk helps nobody.
            log.error("{}: not on record", what, e);
        }
    }
}
