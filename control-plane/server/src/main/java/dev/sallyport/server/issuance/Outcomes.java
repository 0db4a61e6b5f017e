package dev.sallyport.server.issuance;

import dev.sallyport.authority.AuthorityUnavailableException;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How requests for certificates end: counted, logged, and refusals put on record. */
final class Outcomes {
    private static final Logger log = LoggerFactory.getLogger(Outcomes.class);

    private final Refusals refusals;
    private final MeterRegistry metrics;

    Outcomes(Refusals refusals, MeterRegistry metrics) {
        this.refusals = refusals;
        this.metrics = metrics;
        for (Method method : Method.values()) {
            counted(method.code(), "issued");
        }
    }

    /** One step of an answer. */
    interface Step<T> {
        T take() throws RefusedException, ThrottledException, AuthorityUnavailableException;
    }

    <T> T of(Asker asker, Step<T> step) throws RefusedException, ThrottledException, AuthorityUnavailableException {
        try {
            return step.take();
        } catch (RefusedException e) {
            counted(asker.method(), "refused").increment();
            log.warn("certificate refused ({}): {}", asker.method(), e.getMessage());
            refusals.add(asker, e.reason().code(), String.valueOf(e.getMessage()));
            throw e;
        } catch (ThrottledException e) {
            counted(asker.method(), "throttled").increment();
            log.warn("certificate not issued now ({}): {}", asker.method(), e.getMessage());
            refusals.add(asker, "throttled", String.valueOf(e.getMessage()));
            throw e;
        } catch (AuthorityUnavailableException e) {
            counted(asker.method(), "unavailable").increment();
            log.error("certificate not issued ({}): {}", asker.method(), e.getMessage());
            refusals.add(asker, "unavailable", String.valueOf(e.getMessage()));
            throw e;
        }
    }

    void issued(Method method) {
        counted(method.code(), "issued").increment();
    }

    void alarm(String message) {
        log.error("{}", message);
        metrics.counter("sallyport_issuance_alarms").increment();
    }

    private Counter counted(String method, String outcome) {
        return metrics.counter("sallyport_certificates", "method", method, "outcome", outcome);
    }
}
