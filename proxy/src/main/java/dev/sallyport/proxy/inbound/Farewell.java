package dev.sallyport.proxy.inbound;

import dev.sallyport.policy.Decision;
import dev.sallyport.policy.User;
import dev.sallyport.proxy.carry.Boarding;
import dev.sallyport.proxy.token.SeenTokens;
import dev.sallyport.proxy.token.TokenResult;
import dev.sallyport.proxy.token.Voucher;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What an admitted request takes along for its user: a handle, by which the user goes on with what the application asks of others; and whether the user's own token may go on from there. One per event loop. */
public record Farewell(Boarding boarding, SeenTokens.View seen) {
    /** Before the request is forwarded. A user whom the governing rule has not proven goes nowhere. */
    void proven(Call call, Admitted admitted) {
        if (admitted.allow().forwarding() != Decision.Forwarding.NOTHING) {
            seen.forwarded(call.exchange().head());
        }
        if (admitted.user().isEmpty()) {
            return;
        }
        Optional<Voucher> voucher = voucher(admitted.user().get(), call);
        if (voucher.isPresent() && !boarding.begin(call.exchange(), voucher.get())) {
            call.exchange().worker().metrics().users().strandedUser();
        }
    }

    /** This sidecar's own word, where it counts; else what came goes on. */
    private static Optional<Voucher> voucher(User user, Call call) {
        boolean vouches = call.snapshot().vouchedFor().contains(user.issuer());
        Optional<Voucher> own = vouches ? of(call.facts().own(), user) : Optional.empty();
        return own.isPresent() ? own : of(call.facts().carried(), user);
    }

    private static Optional<Voucher> of(@Nullable TokenResult result, User user) {
        if (result == null || result.voucher().isEmpty()) {
            return Optional.empty();
        }
        return result.voucher().get().user().isSameAs(user) ? result.voucher() : Optional.empty();
    }
}
