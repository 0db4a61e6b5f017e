package dev.sallyport.proxy.token;

import dev.sallyport.identity.Revocations;
import dev.sallyport.identity.SpiffeId;
import dev.sallyport.identity.SvidRejectedException;
import dev.sallyport.identity.SvidSource;
import dev.sallyport.identity.SvidVerifier;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Set;

/**
 * Everybody who has had a hop token: who signed it, under {@code chain}, and the services that it came through. A user counts while all of them are trusted; were this asked at the door alone, a request that is open already
 * would go on for a user of whom only a revoked service speaks. Any thread.
 */
final class Carriers {
    private final SvidSource source;
    private final SvidVerifier svids;
    private final List<X509Certificate> chain;
    private final Set<SpiffeId> services;
    /** They stood under this generation of {@link #source}; asked again with the next. */
    private volatile long stood = -1;

    Carriers(SvidSource source, SvidVerifier svids, List<X509Certificate> chain, Set<SpiffeId> services) {
        this.source = source;
        this.svids = svids;
        this.chain = chain;
        this.services = Set.copyOf(services);
    }

    boolean trusted() {
        long now = source.generation();
        if (stood == now) {
            return true;
        }
        try {
            svids.verify(chain);
        } catch (SvidRejectedException gone) {
            return false;
        }
        if (anyRevoked(source.revocations(), services)) {
            return false;
        }
        stood = now;
        return true;
    }

    /** A revoked leaf of a service leaves its others as good as they were; which of them a token came through does not travel. */
    static boolean anyRevoked(Revocations revocations, Set<SpiffeId> services) {
        return services.stream().anyMatch(revocations.identities()::contains);
    }
}
