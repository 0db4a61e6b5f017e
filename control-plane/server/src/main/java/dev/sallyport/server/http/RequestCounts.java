package dev.sallyport.server.http;

import com.linecorp.armeria.server.ServerBuilder;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.function.Consumer;

/** Requests that were answered, by listener and status. Never by path: a stranger would choose it. */
public final class RequestCounts {
    private final MeterRegistry metrics;

    public RequestCounts(MeterRegistry metrics) {
        this.metrics = metrics;
    }

    /** {@code services}, and each of their requests counted as it ends; a sidecar's stream is one request. */
    public Consumer<ServerBuilder> counting(String listener, Consumer<ServerBuilder> services) {
        return server -> {
            services.accept(server);
            server.decorator((delegate, context, request) -> {
                var _ = context.log()
                        .whenComplete()
                        .thenAccept(log -> counter(
                                        listener, log.responseHeaders().status().code())
                                .increment());
                return delegate.serve(context, request);
            });
        };
    }

    private Counter counter(String listener, int status) {
        return Counter.builder("sallyport_control_plane_requests")
                .description("Requests that ended, by listener and status; 0: the client left before the answer")
                .tag("listener", listener)
                .tag("code", Integer.toString(status))
                .register(metrics);
    }
}
