package dev.sallyport.policy;

import dev.sallyport.identity.SpiffeId;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** Facts of which one accessor throws. */
record BrokenFacts(RequestFacts facts, Accessor broken) implements RequestFacts {
    enum Accessor {
        CALLER,
        METHOD,
        HOST,
        PATH,
        QUERY,
        HEADER,
        USER,
        CARRIED_USER,
        OPA,
        TCP_PORT
    }

    private RequestFacts unless(Accessor accessor) {
        if (broken == accessor) {
            throw new IllegalStateException("broken");
        }
        return facts;
    }

    @Override
    public Optional<SpiffeId> caller() {
        return unless(Accessor.CALLER).caller();
    }

    @Override
    public String method() {
        return unless(Accessor.METHOD).method();
    }

    @Override
    public String host() {
        return unless(Accessor.HOST).host();
    }

    @Override
    public String path() {
        return unless(Accessor.PATH).path();
    }

    @Override
    public Optional<String> query() {
        return unless(Accessor.QUERY).query();
    }

    @Override
    public List<String> header(String name) {
        return unless(Accessor.HEADER).header(name);
    }

    @Override
    public UserFact user() {
        return unless(Accessor.USER).user();
    }

    @Override
    public UserFact carriedUser() {
        return unless(Accessor.CARRIED_USER).carriedUser();
    }

    @Override
    public Optional<OpaAnswer> opa(OpaQuery query) {
        return unless(Accessor.OPA).opa(query);
    }

    @Override
    public OptionalInt tcpPort() {
        return unless(Accessor.TCP_PORT).tcpPort();
    }
}
