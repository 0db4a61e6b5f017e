package dev.sallyport.authority;

import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;

/** Chain leaf first without the root, and the moment to renew, drawn once in 45..75 % of the life. */
public record IssuedCertificate(List<X509Certificate> chain, Instant renewAt) {
    public IssuedCertificate {
        chain = List.copyOf(chain);
    }

    /** The first of the chain. */
    public X509Certificate leaf() {
        return chain.getFirst();
    }
}
