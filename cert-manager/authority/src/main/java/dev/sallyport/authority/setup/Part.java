package dev.sallyport.authority.setup;

import dev.sallyport.authority.vault.Vault;
import dev.sallyport.authority.vault.VaultAnswer;
import dev.sallyport.authority.vault.VaultException;
import java.util.List;
import java.util.Optional;

/** One part of the wanted state. Later parts may ask what earlier ones found, so they are run in order, on one thread. */
interface Part {
    /** To look at it. */
    List<Right> toCheck();

    /** To make it so; asked of the token before anything is changed. */
    List<Right> toApply();

    /** Looks, a line for each property; changes nothing. */
    List<SetupLine> check(Vault vault) throws VaultException;

    /** Makes it so. Only called after a check that found nothing foreign and something wrong. */
    List<SetupLine> apply(Vault vault) throws VaultException, SetupException;

    /** What is at {@code path}; empty when nothing is there. Of a mount that is missing Vault says 400. */
    static Optional<VaultAnswer> find(Vault vault, String path) throws VaultException {
        try {
            return Optional.of(vault.read(path));
        } catch (VaultException e) {
            return absent(e);
        }
    }

    /** The keys below {@code path}; none when nothing is there. */
    static List<String> keys(Vault vault, String path) throws VaultException {
        try {
            return vault.list(path).texts("keys");
        } catch (VaultException e) {
            return absent(e).map(answer -> answer.texts("keys")).orElse(List.of());
        }
    }

    private static Optional<VaultAnswer> absent(VaultException e) throws VaultException {
        return switch (e.kind()) {
            case NOT_FOUND, REFUSED -> Optional.empty();
            case FORBIDDEN, BEHIND, BUSY, AMBIGUOUS, UPSTREAM, SEALED, UNREACHABLE -> throw e;
        };
    }
}
