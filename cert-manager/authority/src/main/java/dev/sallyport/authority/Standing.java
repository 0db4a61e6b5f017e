package dev.sallyport.authority;

import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Optional;

/**
 * How an authority stands. {@code issuer}: the certificate that signs leaves now; {@code next}: the one that is ready to follow it; {@code aloneUntil}: until when leaves can be signed
 * without anybody else (empty: not for a moment); {@code problem}: what failed last with whoever else is needed, until it works again, never with a secret.
 */
public record Standing(
        AuthorityKind kind,
        X509Certificate issuer,
        Optional<X509Certificate> next,
        Optional<Instant> aloneUntil,
        Optional<String> problem) {}
