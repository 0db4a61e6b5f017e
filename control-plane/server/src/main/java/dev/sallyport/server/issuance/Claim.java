package dev.sallyport.server.issuance;

import dev.sallyport.identity.SpiffeId;
import java.time.Instant;

/**
 * What a proof says: {@code proofHash} its SHA-256, by which the store knows it; {@code subject} whom it was made for, beside the identity (a pod's uid; {@code ""}: nobody); {@code trustAsOf} how old the trust
 * bundle may be that its holder came with; {@code expires} its end.
 */
record Claim(SpiffeId identity, String proofHash, String subject, Instant trustAsOf, Instant expires) {}
