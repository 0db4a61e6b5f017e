package dev.sallyport.proxy.token;

import dev.sallyport.policy.User;
import java.time.Instant;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** What speaks for a proven user at the next hop. Any thread. */
public sealed interface Voucher {
    User user();

    /** The hop token to go on with: visible ASCII, good beyond {@code now}; empty when there is none. */
    Optional<HopText> at(Instant now, HopSigner signer);

    /** A hop token as it stands in its field. */
    @SuppressWarnings(
            "ArrayRecordComponent") // handed on, never compared or printed: who has it is the user for minutes
    record HopText(byte[] ascii, Instant expiresAt) {
        @Override
        public String toString() {
            return "HopText[until " + expiresAt + "]";
        }
    }

    /** A token of the user's own, verified here: this sidecar signs, when a request of the application first needs it. */
    final class Verified implements Voucher {
        private final User user;
        private final IssuerKeys keys;
        private final IssuerKeys.Key key;
        private final SeenTokens.Token token;
        /** Whoever comes second signs an equal one. */
        private volatile HopSigner.@Nullable Signed signed;

        /** {@code key}, of {@code keys}, made its signature. */
        Verified(User user, IssuerKeys keys, IssuerKeys.Key key, SeenTokens.Token token) {
            this.user = user;
            this.keys = keys;
            this.key = key;
            this.token = token;
        }

        IssuerKeys keys() {
            return keys;
        }

        IssuerKeys.Key key() {
            return key;
        }

        SeenTokens.Token token() {
            return token;
        }

        @Override
        public User user() {
            return user;
        }

        @Override
        public Optional<HopText> at(Instant now, HopSigner signer) {
            if (!signer.mayVouch(this)) {
                return Optional.empty();
            }
            HopSigner.Signed known = signed;
            if (known != null && signer.isFresh(known, user, now)) {
                return Optional.of(known.text());
            }
            Optional<HopSigner.Signed> fresh = signer.sign(user, now);
            fresh.ifPresent(token -> signed = token);
            return fresh.map(HopSigner.Signed::text);
        }
    }

    /** A hop token that came with the request: it goes on as it is, while {@code trusted} says that everybody who had it is. */
    record Carried(User user, HopText text, BooleanSupplier trusted) implements Voucher {
        @Override
        public Optional<HopText> at(Instant now, HopSigner signer) {
            return now.isBefore(text.expiresAt()) && trusted.getAsBoolean() ? Optional.of(text) : Optional.empty();
        }
    }
}
