package dev.sallyport.server.ca;

import dev.sallyport.authority.AuthorityKind;
import dev.sallyport.authority.CertificateAuthority;

/** An authority that is open, with its number for good: every certificate in the inventory carries the number of the generation that signed it. */
public record Generation(int number, AuthorityKind kind, CertificateAuthority authority) {
    /** Its name on the wire, where canaries are asked for. */
    public String name() {
        return Integer.toString(number);
    }
}
