package dev.sallyport.proxy.token;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The issuers of one snapshot with their keys, by the exact {@code iss}, and the headers besides {@code Authorization} in which tokens of theirs are, in lower case. Immutable; any thread. */
public final class TokenIssuers {
    public static final TokenIssuers NONE = new TokenIssuers(Map.of());

    private final Map<String, IssuerKeys> byUrl;
    private final List<String> headers;

    public TokenIssuers(Map<String, IssuerKeys> byUrl) {
        this.byUrl = Map.copyOf(byUrl);
        this.headers = byUrl.values().stream()
                .flatMap(keys -> keys.issuer().tokenHeader().stream())
                .distinct()
                .sorted()
                .toList();
    }

    @Nullable
    IssuerKeys of(String iss) {
        return byUrl.get(iss);
    }

    /** Each with its keys. */
    public Collection<IssuerKeys> all() {
        return byUrl.values();
    }

    /** Where tokens are looked for besides {@code Authorization}. */
    public List<String> headers() {
        return headers;
    }

    /** The same issuers with the same keys: most snapshots change something else. */
    boolean isLike(TokenIssuers other) {
        return byUrl.keySet().equals(other.byUrl.keySet())
                && byUrl.values().stream()
                        .allMatch(keys ->
                                keys.isLike(other.byUrl.get(keys.issuer().issuer())));
    }

    /** Whether what {@code then} and its {@code key} proved is proven still: the issuer is declared as it was, and has the key. */
    boolean stand(IssuerKeys then, IssuerKeys.Key key) {
        IssuerKeys now = byUrl.get(then.issuer().issuer());
        return now != null && Objects.equals(now.issuer(), then.issuer()) && now.holds(key);
    }
}
