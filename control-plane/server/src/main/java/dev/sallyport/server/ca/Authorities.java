package dev.sallyport.server.ca;

import dev.sallyport.authority.AuthorityKind;
import dev.sallyport.authority.CertificateAuthority;
import dev.sallyport.identity.TrustBundle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The authority that signs, in {@code <state>/ca/<generation>}. Any thread. */
public final class Authorities {
    private static final String FIRST = "1";

    private final CertificateAuthority active;

    private Authorities(CertificateAuthority active) {
        this.active = active;
    }

    /** Opens the one in force, or makes the first of {@code kind} in {@code folder}. */
    public static Authorities open(Path folder, AuthorityKind kind, AuthorityOpener opener) throws IOException {
        Files.createDirectories(folder);
        return new Authorities(opener.open(kind, folder.resolve(FIRST)));
    }

    /** Signs now. */
    public CertificateAuthority active() {
        return active;
    }

    /** What peers must trust now. */
    public TrustBundle bundle() {
        return active.trustBundle();
    }
}
