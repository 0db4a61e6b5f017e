package dev.sallyport.proxy;

import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import dev.sallyport.contract.JoinFile;
import dev.sallyport.identity.SvidRejectedException;
import dev.sallyport.identity.TrustBundle;
import dev.sallyport.proxy.svid.Join;
import dev.sallyport.proxy.svid.JoinException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.List;

/** What {@code controlPlane:} in the configuration says otherwise than the join file: addresses, and files with trust bundle and root keys. */
record JoinOverrides(ProxyConfig.ControlPlane settings) implements Join.Overrides {
    @Override
    public JoinFile on(JoinFile join) throws JoinException, IOException {
        TrustBundle bundle = join.trustBundle();
        if (settings.trustBundle().isPresent()) {
            bundle = bundle(settings.trustBundle().get(), join);
        }
        List<ECKey> rootKeys = join.rootKeys();
        if (settings.rootKeys().isPresent()) {
            rootKeys = rootKeys(settings.rootKeys().get());
        }
        return new JoinFile(
                join.mesh(),
                join.service(),
                join.identity(),
                settings.address().orElse(join.controlPlane()),
                settings.enrolment().orElse(join.enrolment()),
                bundle,
                rootKeys,
                join.token(),
                join.expires());
    }

    private static TrustBundle bundle(Path file, JoinFile join) throws JoinException, IOException {
        try {
            return TrustBundle.ofPem(join.identity().trustDomain(), Files.readString(file));
        } catch (SvidRejectedException e) {
            throw new JoinException(
                    JoinException.Kind.INVALID,
                    "controlPlane.trustBundle: " + file + ": " + e.getMessage() + " (expected: PEM certificates)");
        }
    }

    private static List<ECKey> rootKeys(Path file) throws JoinException, IOException {
        List<ECKey> keys = new ArrayList<>();
        try {
            for (JWK key : JWKSet.parse(Files.readString(file)).getKeys()) {
                keys.add(key.toPublicJWK().toECKey());
            }
        } catch (ParseException | ClassCastException e) {
            throw new JoinException(
                    JoinException.Kind.INVALID,
                    "controlPlane.rootKeys: " + file + ": " + e.getMessage() + " (expected: a JWKS of P-256 keys)");
        }
        return keys;
    }
}
