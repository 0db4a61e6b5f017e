package dev.sallyport.proxy.standalone;

import dev.sallyport.contract.MeshSnapshot;
import dev.sallyport.identity.TrustBundle;
import dev.sallyport.identity.X509Svid;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Who we are, and whom of our own trust domain we believe: from a file beside the certificate, else from the snapshot. */
record Identity(X509Svid svid, Optional<TrustBundle> bundle) {
    /** Whose certificates count while {@code snapshot} rules: one bundle a trust domain, and the file wins for our own. */
    List<TrustBundle> trusted(MeshSnapshot snapshot) {
        return Stream.concat(
                        bundle.stream(),
                        snapshot.trust().bundles().stream()
                                .filter(other -> bundle.filter(
                                                own -> own.trustDomain().equals(other.trustDomain()))
                                        .isEmpty()))
                .toList();
    }
}
