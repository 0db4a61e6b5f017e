package dev.sallyport.authority.setup;

import dev.sallyport.authority.vault.Vault;
import dev.sallyport.authority.vault.VaultException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The policy of the control plane, word for word. */
final class PolicyPart implements Part {
    private final String path;
    private final String text;

    PolicyPart(ControlPlanePolicy policy) {
        this.path = "sys/policies/acl/" + policy.name();
        this.text = policy.text();
    }

    @Override
    public List<Right> toCheck() {
        return List.of(Right.of(path, "read"));
    }

    @Override
    public List<Right> toApply() {
        return List.of(Right.of(path, "update"));
    }

    @Override
    public List<SetupLine> check(Vault vault) throws VaultException {
        Optional<String> found = Part.find(vault, path).flatMap(answer -> answer.text("policy"));
        String expected = " (expected: as sallyport vault setup --print-policy prints it)";
        if (found.isEmpty()) {
            return List.of(SetupLine.wrong(path, "policy: missing" + expected));
        }
        return List.of(
                found.get().strip().equals(text.strip())
                        ? SetupLine.holds(path, "policy: the least that the control plane needs")
                        : SetupLine.wrong(path, "policy: other rights" + expected));
    }

    @Override
    public List<SetupLine> apply(Vault vault) throws VaultException {
        vault.write(path, Map.of("policy", text));
        return List.of(SetupLine.done(path, "policy written"));
    }
}
