package dev.sallyport.policy;

import dev.sallyport.identity.SpiffeId;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** The facts of a connection to an opaque port as data: who calls, and which port; there is nothing else. */
public record GivenConnection(Optional<SpiffeId> caller, int port) implements RequestFacts {
    @Override
    public String method() {
        return "";
    }

    @Override
    public String host() {
        return "";
    }

    @Override
    public String path() {
        return "";
    }

    @Override
    public Optional<String> query() {
        return Optional.empty();
    }

    @Override
    public List<String> header(String name) {
        return List.of();
    }

    @Override
    public UserFact user() {
        return new UserFact.Absent();
    }

    @Override
    public OptionalInt tcpPort() {
        return OptionalInt.of(port);
    }
}
