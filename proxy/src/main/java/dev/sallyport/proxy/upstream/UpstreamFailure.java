package dev.sallyport.proxy.upstream;

import dev.sallyport.policy.Reason;

/** Why an upstream gave no response. {@code untouched}: the peer proved, by an authenticated close_notify before any response byte, that it never read the request. */
public record UpstreamFailure(Reason reason, String detail, boolean untouched) {
    static UpstreamFailure unavailable(String detail) {
        return new UpstreamFailure(Reason.UPSTREAM_UNAVAILABLE, detail, false);
    }
}
