package dev.sallyport.proxy.inbound;

import dev.sallyport.policy.Decision;
import dev.sallyport.policy.Decision.Forwarding;
import dev.sallyport.policy.User;
import dev.sallyport.proxy.carry.Boarding;
import dev.sallyport.proxy.exchange.Exchange;
import dev.sallyport.proxy.token.SeenTokens;
import dev.sallyport.proxy.token.TokenResult;
import dev.sallyport.proxy.token.Voucher;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What an admitted request takes along for its user: a handle, by which the user goes on with what the application asks of others; and whether the user's own token may go on from there. One per event loop. */
public record Farewell(Boarding boarding, SeenTokens.View seen) {
    /** Before the request is forwarded. A user whom the governing rule has not proven goes nowhere. */
    void proven(Call call, Admitted admitted) {
        Decision.Allow allow = admitted.allow();
        Optional<Voucher> voucher = admitted.user().isPresent()
                ? voucher(admitted.user().get(), call, allow.forwarding())
                : Optional.empty();
        if (allow.forwarding() == Forwarding.UNVERIFIED) {
            seen.forwarded(call.exchange().head());
        }
        Exchange exchange = call.exchange();
        if (voucher.isEmpty()) {
            boarding.pass(exchange);
        } else if (!boarding.begin(exchange, voucher.get())) {
            exchange.worker().metrics().users().strandedUser();
            boarding.pass(exchange);
        }
    }

    /** This sidecar's own word, where it counts; else what came goes on. */
    private Optional<Voucher> voucher(User user, Call call, Forwarding forwarding) {
        Optional<Voucher> own = of(call.facts().own(), user);
        if (own.isPresent() && own.get() instanceof Voucher.Verified verified) {
            seen.admitted(verified, forwarding == Forwarding.VERIFIED, call.now());
        }
        boolean vouches = call.snapshot().vouchedFor().contains(user.issuer());
        return vouches && own.isPresent() ? own : of(call.facts().carried(), user);
    }

    private static Optional<Voucher> of(@Nullable TokenResult result, User user) {
        if (result == null || result.voucher().isEmpty()) {
            return Optional.empty();
        }
        return result.voucher().get().user().isSameAs(user) ? result.voucher() : Optional.empty();
    }
}
