package dev.sallyport.server.issuer;

import com.nimbusds.jose.jwk.JWKSet;
import dev.sallyport.policy.Mesh;
import dev.sallyport.server.store.Store;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The last good keys on disk: a restart during an issuer's outage must not take users away whose keys still count. Blocks. */
final class StoredKeys {
    private static final Logger log = LoggerFactory.getLogger(StoredKeys.class);

    /** Where keys come from: another address is another origin, whose keys never stand in for these. */
    record Origin(String issuer, Optional<String> jwksUri) {
        static Origin of(Mesh.Issuer issuer) {
            return new Origin(issuer.issuer(), issuer.keys().jwksUri());
        }
    }

    /** {@code fetchedAt}: when the fetch began. */
    record Good(KeySet keys, Instant fetchedAt) {}

    /** The longest {@code maxStale} that a Mesh can name: older keys count for nobody. */
    private static final Duration COUNT_AT_MOST = Duration.ofDays(30);

    private final Store store;

    StoredKeys(Store store) {
        this.store = store;
    }

    Optional<Good> last(Origin origin) {
        return store.read(handle -> handle.createQuery(
                                "select jwks, fetched_at from issuer_keys where issuer = ? and jwks_uri = ?")
                        .bind(0, origin.issuer())
                        .bind(1, origin.jwksUri().orElse(""))
                        .map((row, _) -> good(row.getString("jwks"), Instant.ofEpochMilli(row.getLong("fetched_at"))))
                        .findOne())
                .flatMap(Function.identity());
    }

    private static Optional<Good> good(String jwks, Instant fetchedAt) {
        try {
            KeySet keys = new KeySet(jwks, KeySetReader.ids(JWKSet.parse(jwks).getKeys()), List.of());
            return Optional.of(new Good(keys, fetchedAt));
        } catch (ParseException e) {
            log.error("issuer keys: what is stored is no key set; it is fetched anew", e);
            return Optional.empty();
        }
    }

    void keep(Origin origin, Good good) {
        store.change(handle -> handle.execute(
                "insert or replace into issuer_keys (issuer, jwks_uri, jwks, fetched_at) values (?, ?, ?, ?)",
                origin.issuer(),
                origin.jwksUri().orElse(""),
                good.keys().jwks(),
                good.fetchedAt().toEpochMilli()));
    }

    /** Of issuers that are no longer declared, among others. */
    void forgetLongEnded(Instant now) {
        store.change(handle -> handle.execute(
                "delete from issuer_keys where fetched_at < ?",
                now.minus(COUNT_AT_MOST).toEpochMilli()));
    }
}
