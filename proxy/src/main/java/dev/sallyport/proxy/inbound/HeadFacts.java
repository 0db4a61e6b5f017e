package dev.sallyport.proxy.inbound;

import dev.sallyport.identity.SpiffeId;
import dev.sallyport.policy.CanonicalRequest;
import dev.sallyport.policy.OpaAnswer;
import dev.sallyport.policy.OpaQuery;
import dev.sallyport.policy.RequestFacts;
import dev.sallyport.policy.UserFact;
import dev.sallyport.proxy.http.RequestHead;
import dev.sallyport.proxy.opa.OpaResult;
import dev.sallyport.proxy.token.SignatureCheck;
import dev.sallyport.proxy.token.TokenResult;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The facts of a request head. A token is verified when a rule first looks at the user, once; answers of OPA come one by one. */
final class HeadFacts implements RequestFacts {
    private final Optional<SpiffeId> caller;
    private final CanonicalRequest request;
    private final RequestHead head;
    private final Credentials credentials;
    private Map<OpaQuery, OpaResult> answers = Map.of();
    private @Nullable TokenResult own;
    private @Nullable TokenResult carried;

    HeadFacts(Optional<SpiffeId> caller, CanonicalRequest request, RequestHead head, Credentials credentials) {
        this.caller = caller;
        this.request = request;
        this.head = head;
        this.credentials = credentials;
    }

    @Override
    public Optional<SpiffeId> caller() {
        return caller;
    }

    @Override
    public String method() {
        return request.method();
    }

    @Override
    public String path() {
        return request.path();
    }

    @Override
    public String host() {
        return request.authority();
    }

    @Override
    public Optional<String> query() {
        return request.query();
    }

    /** A field of another spelling, {@code x_tenant}, is one and the same to some applications: it counts as a second value, which no condition trusts. */
    @Override
    public List<String> header(String name) {
        return head.values(name);
    }

    @Override
    public UserFact user() {
        TokenResult known = own;
        if (known == null) {
            known = credentials.own();
            own = known;
        }
        return known.fact();
    }

    @Override
    public UserFact carriedUser() {
        TokenResult known = carried;
        if (known == null) {
            known = credentials.carried();
            carried = known;
        }
        return known.fact();
    }

    @Override
    public Optional<OpaAnswer> opa(OpaQuery query) {
        return Optional.ofNullable(answers.get(query)).map(OpaResult::answer);
    }

    /** From now on it is a fact. */
    void answered(OpaQuery query, OpaResult answer) {
        answers = answers.isEmpty() ? new LinkedHashMap<>(2) : answers;
        answers.put(query, answer);
    }

    /** In the order they came. */
    Map<OpaQuery, OpaResult> answers() {
        return answers;
    }

    /** Every value of a query parameter, in order, each as it arrived. */
    List<String> parameter(String name) {
        return request.query().stream()
                .flatMap(query -> Arrays.stream(query.split("&", -1)))
                .filter(part -> part.equals(name) || part.startsWith(name + "="))
                .map(part -> part.substring(Math.min(part.length(), name.length() + 1)))
                .toList();
    }

    /** What the user's own token came to; null when no rule looked. */
    @Nullable
    TokenResult own() {
        return own;
    }

    /** What is still to be done before it is known what the user's own token comes to. */
    Optional<SignatureCheck> check() {
        TokenResult known = own;
        return known == null ? Optional.empty() : known.check();
    }

    /** It was done: from now on this is what the user's own token came to. */
    void settled(TokenResult result) {
        own = result;
    }

    /** What the hop token came to; null when no rule looked. */
    @Nullable
    TokenResult carried() {
        return carried;
    }
}
