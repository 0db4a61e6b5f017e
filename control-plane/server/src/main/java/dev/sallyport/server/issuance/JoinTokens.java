package dev.sallyport.server.issuance;

import dev.sallyport.identity.InvalidSpiffeIdException;
import dev.sallyport.identity.SpiffeId;
import dev.sallyport.server.store.Store;
import java.security.SecureRandom;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** Join tokens: 256 random bits, of which the store knows the SHA-256 alone. Each is bound to one identity when made, and to one key when first used. */
public final class JoinTokens {
    /** An answer can get lost: the key that used a token first may use it again this long. */
    static final Duration REPEATABLE = Duration.ofMinutes(10);

    private static final Duration KEEP_ENDED = Duration.ofDays(30);
    private static final int TOKEN_BYTES = 32;

    /** What the store knows of one. */
    record Token(
            String hash,
            String service,
            SpiffeId identity,
            Instant created,
            Instant expires,
            Optional<String> keyHash,
            Optional<Instant> usedAt,
            boolean revoked) {}

    private final Store store;
    private final SecureRandom random = new SecureRandom();

    public JoinTokens(Store store) {
        this.store = store;
    }

    /** A new token; the only place where its text exists is the answer. */
    public String create(String service, SpiffeId identity, String by, Instant now, Instant expires) {
        byte[] bytes = new byte[TOKEN_BYTES];
        random.nextBytes(bytes);
        String token = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
        store.change(handle -> {
            handle.execute(
                    "delete from join_tokens where expires < ?",
                    now.minus(KEEP_ENDED).toEpochMilli());
            return handle.execute(
                    "insert into join_tokens (token_hash, service, identity, created_by, created_at, expires) values (?, ?, ?, ?, ?, ?)",
                    Hashes.sha256(token),
                    service,
                    identity.toString(),
                    by,
                    now.toEpochMilli(),
                    expires.toEpochMilli());
        });
        return token;
    }

    static Optional<Token> find(Handle handle, String hash) {
        return handle.createQuery("select * from join_tokens where token_hash = ?")
                .bind(0, hash)
                .map((row, _) -> token(row))
                .findOne();
    }

    static void bind(Handle handle, String hash, String keyHash, Instant now) {
        handle.execute(
                "update join_tokens set key_hash = ?, used_at = ? where token_hash = ?",
                keyHash,
                now.toEpochMilli(),
                hash);
    }

    static void revoke(Handle handle, String hash) {
        handle.execute("update join_tokens set revoked = 1 where token_hash = ?", hash);
    }

    private static Token token(ResultSet row) throws SQLException {
        long usedAt = row.getLong("used_at");
        boolean used = !row.wasNull();
        try {
            return new Token(
                    row.getString("token_hash"),
                    row.getString("service"),
                    SpiffeId.parse(row.getString("identity")),
                    Instant.ofEpochMilli(row.getLong("created_at")),
                    Instant.ofEpochMilli(row.getLong("expires")),
                    Optional.ofNullable(row.getString("key_hash")),
                    used ? Optional.of(Instant.ofEpochMilli(usedAt)) : Optional.empty(),
                    row.getInt("revoked") != 0);
        } catch (InvalidSpiffeIdException e) {
            throw new SQLException("join_tokens: " + e.getMessage(), e);
        }
    }
}
