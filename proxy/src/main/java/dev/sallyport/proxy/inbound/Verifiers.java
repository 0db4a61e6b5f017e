package dev.sallyport.proxy.inbound;

import dev.sallyport.proxy.token.HopVerifier;
import dev.sallyport.proxy.token.SignatureChecks;
import dev.sallyport.proxy.token.TokenVerifier;

/** The two kinds of token that prove a user, and who verifies them, one of each an event loop; {@code checks}: where signatures of users' tokens are checked that were not seen before. */
public record Verifiers(TokenVerifier own, HopVerifier hop, SignatureChecks checks) {}
