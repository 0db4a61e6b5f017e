package dev.sallyport.authority.setup;

import dev.sallyport.authority.vault.Vault;
import dev.sallyport.authority.vault.VaultException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** What a token must be allowed on one path; {@code capabilities} in the words of Vault's policies. */
record Right(String path, Set<String> capabilities) {
    static final String SELF = "sys/capabilities-self";
    private static final String ROOT = "root";
    private static final String DENY = "deny";

    Right(String path, Set<String> capabilities) {
        this.path = path;
        this.capabilities = Set.copyOf(capabilities);
    }

    static Right of(String path, String... capabilities) {
        return new Right(path, Set.of(capabilities));
    }

    /** HCL that grants {@code rights}, those to an issuer for every issuer. */
    static String policy(String comment, Collection<Right> rights) {
        Map<String, Set<String>> merged = new LinkedHashMap<>();
        for (Right right : rights) {
            merged.computeIfAbsent(right.path.replace(VaultIssuer.ANY, "+"), _ -> new TreeSet<>())
                    .addAll(right.capabilities);
        }
        StringBuilder text = new StringBuilder("# ").append(comment).append('\n');
        merged.forEach((path, capabilities) -> text.append("\npath \"")
                .append(path)
                .append("\" {\n  capabilities = [\"")
                .append(String.join("\", \"", capabilities))
                .append("\"]\n}\n"));
        return text.toString();
    }

    /** A sentence for each right of {@code wanted} that the token of {@code vault} does not have. One question. */
    static List<String> missing(Vault vault, Collection<Right> wanted) throws VaultException {
        Map<String, Set<String>> granted =
                granted(vault, wanted.stream().map(Right::path).toList());
        List<String> sentences = new ArrayList<>();
        for (Right right : wanted) {
            Set<String> lacking = new TreeSet<>(right.capabilities);
            Set<String> has = granted.getOrDefault(right.path, Set.of());
            lacking.removeAll(has);
            if (!lacking.isEmpty() && !has.contains(ROOT)) {
                sentences.add(right.path + ": no right to " + String.join(", ", lacking) + " (expected: "
                        + new TreeSet<>(right.capabilities) + ")");
            }
        }
        return sentences;
    }

    /** What the token of {@code vault} may do on each of {@code paths}; those on which it may do nothing are left out. */
    static Map<String, Set<String>> granted(Vault vault, Collection<String> paths) throws VaultException {
        List<String> distinct = paths.stream().distinct().toList();
        Map<String, Object> data = vault.write(SELF, Map.of("paths", distinct)).data();
        Map<String, Set<String>> granted = new HashMap<>();
        for (String path : distinct) {
            Set<String> has = new TreeSet<>();
            if (data.get(path) instanceof List<?> list) {
                list.forEach(capability -> has.add(String.valueOf(capability)));
            }
            has.remove(DENY);
            if (!has.isEmpty()) {
                granted.put(path, has);
            }
        }
        return granted;
    }
}
