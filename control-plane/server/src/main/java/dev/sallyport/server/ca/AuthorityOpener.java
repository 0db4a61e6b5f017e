package dev.sallyport.server.ca;

import dev.sallyport.authority.AuthorityKind;
import dev.sallyport.authority.CertificateAuthority;
import java.io.IOException;
import java.nio.file.Path;

/** Opens the authority whose keys and certificates are in a folder of its own, or makes it there. */
@FunctionalInterface
public interface AuthorityOpener {
    /** IOException: it cannot be opened or made; the message says what is expected where. Blocking. */
    CertificateAuthority open(AuthorityKind kind, Path folder) throws IOException;
}
