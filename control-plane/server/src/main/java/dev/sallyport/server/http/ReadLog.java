package dev.sallyport.server.http;

import com.linecorp.armeria.server.ServiceRequestContext;
import dev.sallyport.server.http.Problem.ProblemException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says in the control plane's log who read what of the record: the same of the same person once a minute, for whoever follows the record asks every second. Any thread. */
final class ReadLog {
    private static final Logger log = LoggerFactory.getLogger(ReadLog.class);
    private static final Duration AGAIN_AFTER = Duration.ofMinutes(1);
    private static final int REMEMBERED = 1_000;

    private final Clock clock;
    /** By person and what was read; the eldest is forgotten first, and then told once more. */
    private final Map<String, Instant> told = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Instant> eldest) {
            return size() > REMEMBERED;
        }
    };

    ReadLog(Clock clock) {
        this.clock = clock;
    }

    void read(ServiceRequestContext context, String what) throws ProblemException {
        String person = Person.of(context).name();
        if (isNew(person + " " + what)) {
            log.info("the record was read by {}: {}", person, what);
        }
    }

    private synchronized boolean isNew(String line) {
        Instant now = clock.instant();
        Instant before = told.get(line);
        if (before != null && before.plus(AGAIN_AFTER).isAfter(now)) {
            return false;
        }
        told.put(line, now);
        return true;
    }
}
