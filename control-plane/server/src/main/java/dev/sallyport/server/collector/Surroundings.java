package dev.sallyport.server.collector;

import dev.sallyport.identity.SpiffeId;
import dev.sallyport.identity.TrustBundle;
import dev.sallyport.server.fetch.Fetch;
import dev.sallyport.server.fetch.Targets;
import java.io.IOException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;

/** What the collector asks of the rest of the control plane. Any thread. */
public interface Surroundings {
    /** The roots that count today. */
    TrustBundle bundle();

    /** The certificate that signs leaves now and the one that is ready to follow it, where they are not roots. */
    List<X509Certificate> intermediates();

    /** The instance that a certificate was issued to; empty when it is not known, or was issued for a trial alone. */
    Optional<String> instanceOf(String serial);

    /** The service that has this identity now. */
    Optional<String> serviceOf(SpiffeId identity);

    /** Sidecars with a lease or a connection. */
    List<PresentSidecar> present();

    /** To a witness. */
    Fetch.Answer post(Targets targets, byte[] body) throws IOException, InterruptedException;
}
