package dev.sallyport.policy;

import dev.sallyport.document.InvalidDocumentException;
import dev.sallyport.document.Source;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** A Mesh and its RoutePolicies (by service), read together and proven consistent. Immutable; any thread. */
public record DocumentSet(Mesh mesh, SortedMap<String, RoutePolicy> policies) {
    public DocumentSet {
        policies = Frozen.map(policies);
    }

    /** Strict: every problem of every source at once. Exactly one Mesh; at most one RoutePolicy a service. */
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

    /** What the sidecar of {@code service} needs: the Mesh, and the policy of its own service. */
    public DocumentSet concerning(String service) {
        RoutePolicy own = policies.get(service);
        return new DocumentSet(mesh, own == null ? new TreeMap<>() : new TreeMap<>(Map.of(service, own)));
    }
}
