package dev.sallyport.server;

import dev.sallyport.authority.AuthorityKind;
import dev.sallyport.document.Code;
import dev.sallyport.document.Fields;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** Who signs at the first start ({@code authority}; afterwards a rotation decides), and the settings of the Vault that some kinds need ({@code vault}, a file). */
record AuthoritySettings(AuthorityKind kind, Optional<Path> vault) {
    static final AuthoritySettings EMBEDDED = new AuthoritySettings(AuthorityKind.EMBEDDED, Optional.empty());

    /** {@code path}: relative paths to absolute ones. */
    static AuthoritySettings read(Fields root, UnaryOperator<Path> path) {
        String[] kinds =
                Arrays.stream(AuthorityKind.values()).map(AuthorityKind::code).toArray(String[]::new);
        AuthorityKind kind = AuthorityKind.of(root.oneOf("authority", AuthorityKind.EMBEDDED.code(), kinds))
                .orElse(AuthorityKind.EMBEDDED);
        Optional<Path> vault = root.optionalText("vault").map(text -> path.apply(Path.of(text)));
        if (kind != AuthorityKind.EMBEDDED && vault.isEmpty()) {
            root.problem(
                    "authority",
                    Code.MISSING,
                    kind.code()
                            + " without vault (expected: the file that sallyport vault setup wrote, as --vault FILE)");
        }
        return new AuthoritySettings(kind, vault);
    }
}
