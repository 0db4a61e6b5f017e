package dev.sallyport.server.ca;

import dev.sallyport.authority.AuthorityKind;
import dev.sallyport.identity.TrustBundle;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;

/** A generation as it is stored, whether it is open or long gone. {@code roots} is empty until it was opened for the first time. */
record GenerationRow(
        int number,
        AuthorityKind kind,
        State state,
        Optional<TrustBundle> roots,
        Instant createdAt,
        Optional<Instant> activatedAt,
        Optional<Instant> retiredAt) {
    enum State {
        STAGED("staged"),
        /** Signs; there is always exactly one. */
        ACTIVE("active"),
        /** Signs no more, but its root is still trusted. */
        LEAVING("leaving"),
        RETIRED("retired"),
        ABORTED("aborted");

        private final String code;

        State(String code) {
            this.code = code;
        }

        String code() {
            return code;
        }

        static State of(String code) {
            return Arrays.stream(values())
                    .filter(state -> state.code.equals(code))
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException("store: state " + code));
        }
    }

    /** Whether a certificate of this generation can still be verified by somebody who trusts {@code bundle}. */
    boolean countsUnder(TrustBundle bundle) {
        return roots.isPresent() && roots.get().authorities().stream().anyMatch(bundle.authorities()::contains);
    }
}
