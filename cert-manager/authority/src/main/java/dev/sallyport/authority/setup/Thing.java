package dev.sallyport.authority.setup;

import dev.sallyport.authority.vault.Vault;
import dev.sallyport.authority.vault.VaultAnswer;
import dev.sallyport.authority.vault.VaultException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** What is read and written at one path as a mapping: a role, a configuration. Written whole, so that nothing that is not in {@code properties} decides. */
final class Thing implements Part {
    private final String path;
    private final Supplier<List<Property>> properties;
    private final boolean needed;

    private Thing(String path, Supplier<List<Property>> properties, boolean needed) {
        this.path = path;
        this.properties = properties;
        this.needed = needed;
    }

    static Thing of(String path, Property... properties) {
        return new Thing(path, () -> List.of(properties), true);
    }

    /** With properties that are only known once earlier parts were run. */
    static Thing of(String path, Supplier<List<Property>> properties) {
        return new Thing(path, properties, true);
    }

    /** A server that does not have it at all is as good. */
    static Thing ifKnown(String path, Property... properties) {
        return new Thing(path, () -> List.of(properties), false);
    }

    @Override
    public List<Right> toCheck() {
        return List.of(Right.of(path, "read"));
    }

    /** Roles of auth methods tell a first write from later ones, PKI mounts do not. */
    @Override
    public List<Right> toApply() {
        return List.of(path.startsWith("auth/") ? Right.of(path, "create", "update") : Right.of(path, "update"));
    }

    @Override
    public List<SetupLine> check(Vault vault) throws VaultException {
        Optional<VaultAnswer> found = Part.find(vault, path);
        if (found.isEmpty()) {
            return List.of(needed ? SetupLine.wrong(path, "missing") : SetupLine.holds(path, "unknown here"));
        }
        return properties.get().stream()
                .map(property -> property.line(path, found.get().data()))
                .toList();
    }

    @Override
    public List<SetupLine> apply(Vault vault) throws VaultException {
        Map<String, Object> before =
                Part.find(vault, path).map(VaultAnswer::data).orElse(Map.of());
        List<Property> wanted = properties.get();
        vault.write(path, body(wanted, before));
        return List.of(SetupLine.done(path, "written: " + changes(wanted, before)));
    }

    /** What is large enough, or somebody's choice, stays as it is. */
    static Map<String, Object> body(List<Property> properties, Map<String, Object> before) {
        Map<String, Object> body = new LinkedHashMap<>();
        for (Property property : properties) {
            boolean kept = property.rule() != Property.Rule.EXACTLY && property.holds(before);
            body.put(property.key(), kept ? before.getOrDefault(property.key(), "") : property.wanted());
        }
        return body;
    }

    static String changes(List<Property> wanted, Map<String, Object> before) {
        return String.join(
                ", ",
                wanted.stream()
                        .flatMap(property -> property.change(before).stream())
                        .toList());
    }
}
