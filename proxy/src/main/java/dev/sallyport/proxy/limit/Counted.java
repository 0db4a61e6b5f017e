package dev.sallyport.proxy.limit;

import dev.sallyport.identity.SpiffeId;
import dev.sallyport.policy.RoutePolicy.Limit;
import dev.sallyport.policy.User;
import java.util.Optional;

/** Whose requests share a bucket. */
public sealed interface Counted {
    /** The route's requests together. */
    record Everyone() implements Counted {}

    /** Each caller its own. */
    record Caller(SpiffeId id) implements Counted {}

    /** Each user their own: subjects of two issuers are two people. */
    record Person(String issuer, String subject) implements Counted {}

    /** {@code user}: whom the governing rule has proven. Where it proved nobody the caller counts: leaving the token out must not be a way around the limit. */
    static Counted of(Limit.Per per, SpiffeId caller, Optional<User> user) {
        return switch (per) {
            case ROUTE -> new Everyone();
            case CALLER -> new Caller(caller);
            case USER ->
                user.<Counted>map(proven -> new Person(proven.issuer(), proven.subject()))
                        .orElseGet(() -> new Caller(caller));
        };
    }
}
