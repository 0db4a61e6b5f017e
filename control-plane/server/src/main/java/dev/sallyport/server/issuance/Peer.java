package dev.sallyport.server.issuance;

import dev.sallyport.identity.SpiffeId;
import java.time.Instant;

/** A sidecar as its connection proved it: the handshake verified the chain, and {@code notAfter} is the end of the leaf. */
public record Peer(SpiffeId id, String serial, Instant notAfter) {}
