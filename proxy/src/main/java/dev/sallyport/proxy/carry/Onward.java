package dev.sallyport.proxy.carry;

import dev.sallyport.contract.HopToken;
import dev.sallyport.policy.User;
import dev.sallyport.proxy.carry.Journey.Handle;
import dev.sallyport.proxy.carry.Journey.Span;
import dev.sallyport.proxy.exchange.Hex;
import dev.sallyport.proxy.exchange.TraceState;
import dev.sallyport.proxy.exchange.Tracing;
import dev.sallyport.proxy.exchange.Worker;
import dev.sallyport.proxy.http.Field;
import dev.sallyport.proxy.http.RequestHead;
import dev.sallyport.proxy.telemetry.UserMetrics;
import dev.sallyport.proxy.token.HopSigner;
import dev.sallyport.proxy.token.SeenTokens;
import dev.sallyport.proxy.token.Voucher;
import dev.sallyport.proxy.token.Voucher.HopText;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Whose user goes on with a request of the application: the one of the inbound request that it belongs to, if it shows that it does; in doubt nobody's. One per event loop. */
public final class Onward {
    /** {@code user}: who goes on; only with {@link UserMetrics.Carried#ATTACHED}. */
    public record Passenger(UserMetrics.Carried outcome, Optional<User> user) {
        private static final Passenger NOBODY = new Passenger(UserMetrics.Carried.NONE, Optional.empty());
        private static final Passenger ENDED = new Passenger(UserMetrics.Carried.ENDED, Optional.empty());
        private static final Passenger AMBIGUOUS = new Passenger(UserMetrics.Carried.AMBIGUOUS, Optional.empty());
        private static final Passenger EXPIRED = new Passenger(UserMetrics.Carried.EXPIRED, Optional.empty());
    }

    private final Journeys journeys;
    private final HopSigner signer;
    private final SeenTokens.View seen;

    public Onward(Journeys journeys, HopSigner signer, SeenTokens.View seen) {
        this.journeys = journeys;
        this.signer = signer;
        this.seen = seen;
    }

    /** After everything that the application asserts is gone from {@code head}, before {@link Tracing#ensure}, which takes the handle away. */
    public Passenger attach(RequestHead head, Worker worker, Instant now) {
        List<String> handles = TraceState.ours(head);
        boolean exact = Tracing.exact(head); // Of a version that is not known here nobody knows what else it says.
        @Nullable Journey bySpan = Tracing.adopt(head, worker) ? journeys.of(Span.of(head)) : null;
        Passenger passenger = attach(head, exact ? bySpan : null, handles, now);
        // A span that is as good as a user never leaves this host, whoever goes on with it; where a span of ours is
        // recorded, that one goes in its place.
        if (bySpan != null && !Tracing.recorded(head, worker)) {
            Tracing.anotherSpan(head, worker);
        }
        return passenger;
    }

    private Passenger attach(RequestHead head, @Nullable Journey bySpan, List<String> handles, Instant now) {
        if (seen.withheld(head)) {
            head.drop(Field.AUTHORIZATION); // A user's token goes further only where a rule says so.
        }
        if (handles.size() > 1) {
            return Passenger.AMBIGUOUS;
        }
        if (handles.isEmpty()) {
            return bySpan == null ? Passenger.NOBODY : attach(head, bySpan, now);
        }
        @Nullable Journey byHandle = byHandle(handles.getFirst());
        if (byHandle == null) {
            return Passenger.ENDED;
        }
        return bySpan == null || bySpan == byHandle ? attach(head, byHandle, now) : Passenger.AMBIGUOUS;
    }

    private Passenger attach(RequestHead head, Journey journey, Instant now) {
        Voucher voucher = journey.voucher();
        Optional<HopText> token = voucher.at(now, signer);
        if (token.isEmpty()) {
            return Passenger.EXPIRED;
        }
        head.add(HopToken.FIELD, token.get().ascii(), token.get().ascii().length);
        if (!voucher.user().carriedBy().isEmpty()) {
            head.add(HopToken.VIA_FIELD, String.join(",", voucher.user().carriedBy()));
        }
        return new Passenger(UserMetrics.Carried.ATTACHED, Optional.of(voucher.user()));
    }

    private @Nullable Journey byHandle(String text) {
        byte[] digits = text.getBytes(StandardCharsets.ISO_8859_1);
        return digits.length == 32 && Hex.isLong(digits, 0) && Hex.isLong(digits, 16)
                ? journeys.of(new Handle(Hex.read(digits, 0), Hex.read(digits, 16)))
                : null;
    }
}
