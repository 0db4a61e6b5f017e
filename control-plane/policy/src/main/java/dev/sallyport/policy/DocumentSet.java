package dev.sallyport.policy;

import dev.sallyport.document.InvalidDocumentException;
import dev.sallyport.document.Source;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A Mesh, its RoutePolicies and their candidates (by service) and its Guardrails (by name), read together and proven consistent. Immutable; any thread.
 */
public record DocumentSet(
        Mesh mesh,
        SortedMap<String, RoutePolicy> policies,
        SortedMap<String, RoutePolicy> candidates,
        SortedMap<String, Guardrail> guardrails) {
    public DocumentSet {
        policies = Frozen.map(policies);
        candidates = Frozen.map(candidates);
        guardrails = Frozen.map(guardrails);
    }

    /**
     * Strict: every problem of every source at once. Exactly one Mesh; at most one RoutePolicy and one candidate a service. Conditions are unchecked, and {@code PolicyTest}s are
     * passed over: `authoring` reads both.
     */
    public static DocumentSet load(List<Source> sources) throws InvalidDocumentException {
        return DocumentSetReader.load(sources);
    }

    /** Reads {@link #toJson()} back, as strictly as {@link #load}: a snapshot is checked again where it is used. */
    public static DocumentSet ofJson(String json) throws InvalidDocumentException {
        return DocumentSetReader.ofJson(json);
    }

    /** The one canonical JSON form (sorted keys, no blanks), which a snapshot carries and {@link #ofJson} reads back. */
    public String toJson() {
        return CanonicalJson.of(this);
    }

    /** Lower-case hex SHA-256 of {@link #toJson()}. */
    public String digest() {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(toJson().getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has SHA-256", impossible);
        }
    }

    /** What the sidecar of {@code service} needs: the Mesh, the policy and the candidate of its own service, the guardrails that mean it. */
    public DocumentSet concerning(String service) {
        SortedMap<String, Guardrail> meant = new TreeMap<>(guardrails);
        meant.values()
                .removeIf(guardrail -> guardrail.deny().values().stream()
                        .noneMatch(denial -> denial.to().includes(service)));
        return new DocumentSet(mesh, only(policies, service), only(candidates, service), meant);
    }

    private static SortedMap<String, RoutePolicy> only(SortedMap<String, RoutePolicy> policies, String service) {
        SortedMap<String, RoutePolicy> own = new TreeMap<>(policies);
        own.keySet().retainAll(List.of(service));
        return own;
    }
}
