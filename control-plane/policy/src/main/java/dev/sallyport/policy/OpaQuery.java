package dev.sallyport.policy;

import java.time.Duration;
import java.util.SortedSet;

/**
 * What a rule asks of OPA: {@code target} is declared by the Mesh, {@code path} the rule's path below {@code /v1/data/} ({@code shop/payment/allow}), {@code timeout} the whole time
 * that the answer may take. {@code headers} (lower case) are those that go into the input document; no other does.
 */
public record OpaQuery(String target, String path, Duration timeout, SortedSet<String> headers) {
    public OpaQuery {
        headers = Frozen.set(headers);
    }
}
