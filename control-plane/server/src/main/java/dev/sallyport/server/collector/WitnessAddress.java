package dev.sallyport.server.collector;

import dev.sallyport.audit.tlog.NoteVerifier;
import dev.sallyport.audit.tlog.WitnessRequest;
import dev.sallyport.policy.AddressRange;
import dev.sallyport.server.fetch.Targets;
import java.net.URI;
import java.util.List;

/** Somebody who cosigns checkpoints: the address before {@code /add-checkpoint}, the keys of its cosignatures, at least one, and which private addresses it may have. */
public record WitnessAddress(URI url, List<NoteVerifier> keys, List<AddressRange> privateAddresses) {
    public WitnessAddress {
        keys = List.copyOf(keys);
        privateAddresses = List.copyOf(privateAddresses);
    }

    /** The name of its first key. */
    public String name() {
        return keys.getFirst().name();
    }

    Targets targets() {
        String base = url.toString();
        String prefix = base.endsWith("/") ? base.substring(0, base.length() - 1) : base;
        return new Targets(URI.create(prefix + WitnessRequest.PATH), privateAddresses);
    }
}
