package dev.sallyport.authority.vault;

import java.nio.file.Path;

/** How we prove to Vault who we are. Secrets are files, read again at each login, never values. {@code mount}: the auth method's, below {@code auth/}. */
public sealed interface VaultAuth {
    /** {@code wrapped}: the file holds a response-wrapping token, good for one unwrapping, instead of the secret id itself. {@code role}: its name in Vault. */
    record AppRole(String mount, String role, Path roleIdFile, Path secretIdFile, boolean wrapped)
            implements VaultAuth {}

    /** A token of another issuer that Vault trusts: a Kubernetes service account's, projected with Vault as its audience. */
    record Jwt(String mount, String role, Path jwtFile) implements VaultAuth {}

    /** The client certificate of the TLS connection; chain and PKCS#8 key in PEM. */
    record Certificate(String mount, String role, Path certificateFile, Path keyFile) implements VaultAuth {}

    /** A token that somebody else keeps fresh in a file. */
    record TokenFile(Path file) implements VaultAuth {}
}
