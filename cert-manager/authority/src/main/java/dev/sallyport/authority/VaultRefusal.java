package dev.sallyport.authority;

import dev.sallyport.authority.vault.VaultException;

/** From what Vault said to what that means for who asked for a certificate. */
final class VaultRefusal {
    private VaultRefusal() {}

    /** Returns what may pass; throws what will not: a refusal by the role, which the same request meets again. */
    static AuthorityUnavailableException of(VaultException e) throws IssuanceRefusedException {
        return switch (e.kind()) {
            case REFUSED -> throw new IssuanceRefusedException(String.valueOf(e.getMessage()));
            case FORBIDDEN, NOT_FOUND, BEHIND, BUSY, AMBIGUOUS, UPSTREAM, SEALED, UNREACHABLE -> unavailable(e);
        };
    }

    /** Where the request is our own, so that a refusal is the authority's fault as well. */
    static AuthorityUnavailableException unavailable(VaultException e) {
        return new AuthorityUnavailableException(String.valueOf(e.getMessage()), e.retryAfter());
    }
}
