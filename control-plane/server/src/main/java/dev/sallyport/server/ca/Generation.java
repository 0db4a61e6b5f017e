package dev.sallyport.server.ca;

import dev.sallyport.authority.AuthorityKind;
import dev.sallyport.authority.CertificateAuthority;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An authority that is open, with its number for good: every certificate in the inventory carries the number of the generation that signed it. */
public record Generation(int number, AuthorityKind kind, CertificateAuthority authority) {
    private static final Logger log = LoggerFactory.getLogger(Generation.class);

    /** Its name on the wire, where canaries are asked for. */
    public String name() {
        return Integer.toString(number);
    }

    /** Lets go of what the authority holds open. */
    void close() {
        if (authority instanceof AutoCloseable closeable) {
            try {
                closeable.close();
            } catch (Exception e) {
                log.warn("authority of generation {} did not close", number, e);
            }
        }
    }
}
