package dev.sallyport.authority;

import java.util.Arrays;
import java.util.Optional;

/** Who signs what. */
public enum AuthorityKind {
    /** Root, intermediate and leaves here. */
    EMBEDDED("embedded"),
    /** Vault signs a short-lived intermediate, leaves are signed here. */
    VAULT_INTERMEDIATE("vault-intermediate"),
    /** Vault signs every leaf. */
    VAULT_LEAF("vault-leaf");

    private final String code;

    AuthorityKind(String code) {
        this.code = code;
    }

    /** The word in configurations, pages and metrics. */
    public String code() {
        return code;
    }

    public static Optional<AuthorityKind> of(String code) {
        return Arrays.stream(values()).filter(kind -> kind.code.equals(code)).findFirst();
    }
}
