package dev.sallyport.server;

import dev.sallyport.document.HostPort;
import dev.sallyport.identity.SvidSource;
import dev.sallyport.identity.SvidTrustManager;
import dev.sallyport.identity.SvidVerifier;
import dev.sallyport.server.http.Api;
import dev.sallyport.server.http.Listener;
import dev.sallyport.server.http.Listener.Clients;
import dev.sallyport.server.http.Monitoring;
import dev.sallyport.server.http.PeopleTrust;
import dev.sallyport.server.http.RequestCounts;
import dev.sallyport.server.http.SidecarService;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;

/** The four listeners, each with a trust of its own: one that took another's clients would serve strangers. */
final class Listeners {
    private enum Port {
        SIDECARS,
        ENROLMENT,
        API,
        MONITORING
    }

    /** What is behind them. */
    record Served(SidecarService sidecars, Api api, Monitoring monitoring) {}

    private final Map<Port, Listener> all = new EnumMap<>(Port.class);

    /** {@code svid}: what they show, and whom workloads are measured by; {@code people}: the root of people's certificates. */
    Listeners(
            ServerConfig config,
            EventLoopGroup loops,
            SvidSource svid,
            X509Certificate people,
            Served served,
            MeterRegistry metrics,
            Clock clock) {
        Clients workloads = new Clients.Certified(new SvidTrustManager(new SvidVerifier(svid, clock)));
        Clients certified = new Clients.Certified(PeopleTrust.of(people));
        Clients anyone = new Clients.Anonymous();
        RequestCounts counts = new RequestCounts(metrics);
        SidecarService service = served.sidecars;
        all.put(
                Port.SIDECARS,
                Listener.tls(
                        "sidecars",
                        config.sidecars(),
                        loops,
                        svid,
                        workloads,
                        counts.counting("sidecars", service::sidecars)));
        all.put(
                Port.ENROLMENT,
                Listener.tls(
                        "enrolment",
                        config.enrolment(),
                        loops,
                        svid,
                        anyone,
                        counts.counting("enrolment", service::enrolment)));
        all.put(
                Port.API,
                Listener.tls("api", config.api(), loops, svid, certified, counts.counting("api", served.api::serve)));
        all.put(Port.MONITORING, Listener.plain("monitoring", config.monitoring(), loops, served.monitoring::serve));
    }

    void start() throws IOException {
        Listener.start(all.values());
    }

    /** Returns when they have stopped. */
    void stop() {
        CompletableFuture.allOf(all.values().stream().map(Listener::stop).toArray(CompletableFuture[]::new))
                .join();
    }

    private HostPort address(Port port) {
        return Objects.requireNonNull(all.get(port)).address();
    }

    HostPort sidecars() {
        return address(Port.SIDECARS);
    }

    HostPort enrolment() {
        return address(Port.ENROLMENT);
    }

    HostPort api() {
        return address(Port.API);
    }

    HostPort monitoring() {
        return address(Port.MONITORING);
    }
}
