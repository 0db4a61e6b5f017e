package dev.sallyport.e2e;

import java.util.Map;

/** OpenTelemetry's Java agent as Maven Central has it: instruments a process from outside, here to carry trace context and to export nothing. */
final class OpenTelemetryAgent {
    private OpenTelemetryAgent() {}

    /** What a process that the launcher starts needs, to run with the agent. */
    static Map<String, String> environment() {
        return Map.of(
                "SALLYPORT_JAVA_OPTIONS",
                "-Xmx128m -javaagent:" + System.getProperty("sallyport.opentelemetry"),
                "OTEL_TRACES_EXPORTER",
                "none",
                "OTEL_METRICS_EXPORTER",
                "none",
                "OTEL_LOGS_EXPORTER",
                "none",
                "OTEL_PROPAGATORS",
                "tracecontext");
    }
}
