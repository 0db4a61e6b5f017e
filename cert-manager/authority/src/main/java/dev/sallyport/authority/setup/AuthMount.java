package dev.sallyport.authority.setup;

import dev.sallyport.authority.vault.Vault;
import dev.sallyport.authority.vault.VaultException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** An auth method. One that is there is left as it is, others may use it; {@code configured}: a new one would be of no use without more than we know. */
record AuthMount(String mount, String type, boolean configured) implements Part {
    private static final String ALL = "sys/auth";

    private String path() {
        return "sys/auth/" + mount;
    }

    /** Of all of them: to read a single one takes {@code sudo}. */
    @Override
    public List<Right> toCheck() {
        return List.of(Right.of(ALL, "read"));
    }

    @Override
    public List<Right> toApply() {
        return List.of(Right.of(path(), "sudo", "update"));
    }

    @Override
    public List<SetupLine> check(Vault vault) throws VaultException {
        Map<String, Object> all = vault.read(ALL).data();
        Optional<String> found = all.get(mount + "/") instanceof Map<?, ?> method
                ? Optional.of(String.valueOf(method.get("type")))
                : Optional.empty();
        if (found.isEmpty() && configured) {
            return List.of(SetupLine.foreign(
                    path(),
                    "missing (expected: method " + type + ", configured with whom it trusts: auth/" + mount
                            + "/config)"));
        }
        String is = found.orElse("missing");
        String what = "type: " + is;
        if (is.equals(type)) {
            return List.of(SetupLine.holds(path(), what));
        }
        String expected = what + " (expected: " + type + ")";
        return List.of(found.isEmpty() ? SetupLine.wrong(path(), expected) : SetupLine.foreign(path(), expected));
    }

    @Override
    public List<SetupLine> apply(Vault vault) throws VaultException {
        vault.write(path(), Map.of("type", type));
        return List.of(SetupLine.done(path(), "enabled"));
    }
}
