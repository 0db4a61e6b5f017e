package dev.sallyport.authority.setup;

import dev.sallyport.authority.vault.Vault;
import dev.sallyport.authority.vault.VaultAnswer;
import dev.sallyport.authority.vault.VaultException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A PKI mount. Both spans of it are set: the usual maximum of 768 h cuts a longer certificate without a word, and only the default makes a root as long as it was asked for. */
final class Mount implements Part {
    private static final String TYPE = "pki";

    private final String path;
    private final List<Property> spans;

    Mount(String mount, Duration longest) {
        this.path = path(mount);
        this.spans =
                List.of(Property.atLeast("default_lease_ttl", longest), Property.atLeast("max_lease_ttl", longest));
    }

    static String path(String mount) {
        return "sys/mounts/" + mount;
    }

    @Override
    public List<Right> toCheck() {
        return List.of(Right.of(path, "read"));
    }

    @Override
    public List<Right> toApply() {
        return List.of(Right.of(path, "update"), Right.of(path + "/tune", "update"));
    }

    @Override
    public List<SetupLine> check(Vault vault) throws VaultException {
        Optional<VaultAnswer> found = Part.find(vault, path);
        if (found.isEmpty()) {
            return List.of(SetupLine.wrong(path, "missing"));
        }
        String type = found.get().text("type").orElse("none");
        if (!type.equals(TYPE)) {
            return List.of(SetupLine.foreign(path, "type: " + type + " (expected: " + TYPE + "; name another mount)"));
        }
        return spans.stream().map(span -> span.line(path, config(found.get()))).toList();
    }

    @Override
    public List<SetupLine> apply(Vault vault) throws VaultException {
        Optional<VaultAnswer> found = Part.find(vault, path);
        Map<String, Object> before = found.map(Mount::config).orElse(Map.of());
        Map<String, Object> body = Thing.body(spans, before);
        if (found.isEmpty()) {
            vault.write(path, Map.of("type", TYPE, "config", body));
            return List.of(SetupLine.done(path, "mounted as " + TYPE + ": " + Thing.changes(spans, before)));
        }
        vault.write(path + "/tune", body);
        return List.of(SetupLine.done(path, "tuned: " + Thing.changes(spans, before)));
    }

    @SuppressWarnings("unchecked") // JSON's keys are texts.
    private static Map<String, Object> config(VaultAnswer answer) {
        return answer.data().get("config") instanceof Map<?, ?> config ? (Map<String, Object>) config : Map.of();
    }
}
