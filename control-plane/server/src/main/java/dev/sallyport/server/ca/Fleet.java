package dev.sallyport.server.ca;

import dev.sallyport.authority.AuthorityUnavailableException;
import dev.sallyport.authority.IssuanceRefusedException;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Everybody who has to follow when authorities change: the sidecars through their streams, and this process itself. Called on one thread at a time. */
public interface Fleet {
    /** An instance that was seen since the start of this process. {@code serial}: of the certificate that the handshake of its newest stream proved; {@code refused}: why it refused the snapshot it was sent last. */
    record Seen(
            Instance instance,
            boolean connected,
            Optional<String> serial,
            Optional<Instant> lastSeen,
            Optional<String> refused) {}

    List<Seen> seen();

    /** The service that the Mesh declares for an identity. */
    Optional<String> service(String identity);

    /** Asks it to try a canary, once it has what peers must trust now. It need not be connected any more. */
    void tryCanary(Instance instance, String authority);

    /** Asks it for a new certificate. It need not be connected any more. */
    void rotate(Instance instance, String reason);

    /** Ends the streams that were opened with these certificates. */
    void leave(Set<String> serials, String reason);

    /**
     * Makes what {@link Authorities} say now count: the control plane's own certificate, then what sidecars are told to trust, then the administrator's context. Repeating it changes
     * nothing.
     */
    void follow() throws IssuanceRefusedException, AuthorityUnavailableException, IOException;
}
