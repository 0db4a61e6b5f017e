package dev.sallyport.authority;

import java.security.cert.X509Certificate;
import java.util.List;

/** Chain leaf first without the root. When to renew it is planned by whoever hands it out. */
public record IssuedCertificate(List<X509Certificate> chain) {
    public IssuedCertificate {
        chain = List.copyOf(chain);
    }

    /** The first of the chain. */
    public X509Certificate leaf() {
        return chain.getFirst();
    }
}
