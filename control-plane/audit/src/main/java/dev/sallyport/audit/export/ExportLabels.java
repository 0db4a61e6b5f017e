package dev.sallyport.audit.export;

import java.util.Optional;

/** What the operator adds to every record of a copy, because no record says it: {@code service.namespace} and {@code deployment.environment.name}. */
public record ExportLabels(Optional<String> namespace, Optional<String> env) {
    public static final ExportLabels NONE = new ExportLabels(Optional.empty(), Optional.empty());
    /** OpenTelemetry's names. */
    static final String NAMESPACE = "service.namespace";

    static final String ENVIRONMENT = "deployment.environment.name";
}
