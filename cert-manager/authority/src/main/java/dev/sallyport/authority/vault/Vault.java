package dev.sallyport.authority.vault;

import java.util.Map;

/**
 * Vault's API as the holder of one token sees it. Paths are below {@code /v1/}, without a leading slash. Blocking, each call for at most {@link VaultGateway#CALL_SECONDS_MAX} s;
 * any thread. Nothing is repeated here: whether a second attempt is harmless is for the caller to know.
 */
public interface Vault {
    /** GET. A 404 is a {@link VaultException} like any other refusal. */
    VaultAnswer read(String path) throws VaultException;

    /** What lies below {@code path}: {@code keys} of the answer. Vault says 404 of an empty place. */
    VaultAnswer list(String path) throws VaultException;

    /** POST. {@code fields}: texts, numbers, booleans, lists and maps of these. */
    VaultAnswer write(String path, Map<String, ?> fields) throws VaultException;

    /** DELETE. */
    VaultAnswer delete(String path) throws VaultException;
}
