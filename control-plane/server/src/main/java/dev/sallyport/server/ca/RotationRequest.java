package dev.sallyport.server.ca;

import dev.sallyport.authority.AuthorityKind;
import java.util.List;
import java.util.Optional;

/** What to replace, by which kind of authority (the same when empty), without waiting for whom; {@code emergency}: gates wait for nobody who is away. */
public record RotationRequest(Subject subject, Optional<AuthorityKind> to, boolean emergency, List<String> exclude) {
    public RotationRequest {
        exclude = List.copyOf(exclude);
    }
}
