package dev.sallyport.server.ca;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.util.function.ToDoubleFunction;

/** How long the certificates live that everything hangs on. */
public final class CaMetrics {
    private static final String EXPIRES = "sallyport_authority_certificate_expires_seconds";

    private CaMetrics() {}

    public static void register(MeterRegistry metrics, Authorities authorities, Clock clock) {
        expires(metrics, authorities, "root", signing -> ExpiryWatch.rootSeconds(signing.active(), clock.instant()));
        expires(
                metrics,
                authorities,
                "intermediate",
                signing -> ExpiryWatch.seconds(signing.active().standing().issuer(), clock.instant()));
    }

    private static void expires(
            MeterRegistry metrics, Authorities authorities, String kind, ToDoubleFunction<Authorities> left) {
        Gauge.builder(EXPIRES, authorities, left)
                .description("Time until the certificate of the signing authority ends; of several roots, the first")
                .tag("kind", kind)
                .strongReference(true)
                .register(metrics);
    }
}
