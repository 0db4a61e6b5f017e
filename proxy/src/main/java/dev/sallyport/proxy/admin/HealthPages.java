package dev.sallyport.proxy.admin;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * {@code /livez} and {@code /readyz} with their usual aliases; the status is the contract, {@code ?verbose} is for people. Alive is a process that answers: it never depends on the
 * control plane, or an outage there would restart every sidecar here.
 */
public final class HealthPages implements Pages {
    private static final Set<String> LIVE = Set.of("/livez", "/healthz", "/live");
    private static final Set<String> READY = Set.of("/readyz", "/healthz/ready", "/ready");

    private final Map<String, BooleanSupplier> checks;

    /** {@code checks}: what must hold to be ready, by name, in the order in which they are printed. */
    public HealthPages(Map<String, BooleanSupplier> checks) {
        this.checks = new LinkedHashMap<>(checks);
    }

    @Override
    public Page page(PageRequest request) {
        if (!request.get()) {
            return Page.text(405, "GET only\n");
        }
        boolean verbose = request.parameters().containsKey("verbose");
        if (LIVE.contains(request.path())) {
            return verbose ? Page.text(200, "[+]process ok\nlivez check passed\n") : Page.text(200, "ok\n");
        }
        if (!READY.contains(request.path())) {
            return Page.notFound();
        }
        boolean ready = true;
        StringBuilder lines = new StringBuilder();
        for (Map.Entry<String, BooleanSupplier> check : checks.entrySet()) {
            boolean ok = check.getValue().getAsBoolean();
            ready &= ok;
            lines.append(ok ? "[+]" : "[-]").append(check.getKey()).append(ok ? " ok\n" : " failed\n");
        }
        lines.append(ready ? "readyz check passed\n" : "readyz check failed\n");
        return Page.text(ready ? 200 : 503, verbose || !ready ? lines.toString() : "ok\n");
    }
}
