package dev.sallyport.demo;

import java.net.URI;
import java.util.Map;
import java.util.Optional;

/** Which other service an endpoint needs before it can answer. */
@FunctionalInterface
interface Calls {
    /** {@code target}: path and query. */
    record Call(String service, String method, String target) {}

    Optional<Call> before(String method, URI target);

    /** The endpoints of the shop. */
    static Calls ofShop(String service) {
        Map<String, Call> calls = Map.of(
                "web POST /checkout", new Call("orders", "POST", "/orders"),
                "orders POST /orders", new Call("payment", "POST", "/charges"),
                "web GET /search", new Call("catalog", "GET", "/products"));
        return (method, target) -> Optional.ofNullable(calls.get(service + " " + method + " " + target.getPath()));
    }

    /** Every request goes on as it came: for chains of any length. */
    static Calls relay(String next) {
        return (method, target) -> {
            String query = target.getRawQuery();
            return Optional.of(new Call(next, method, target.getRawPath() + (query == null ? "" : "?" + query)));
        };
    }
}
