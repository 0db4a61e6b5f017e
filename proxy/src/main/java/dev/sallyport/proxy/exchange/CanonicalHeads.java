package dev.sallyport.proxy.exchange;

import dev.sallyport.policy.Authority;
import dev.sallyport.policy.CanonicalRequest;
import dev.sallyport.policy.Reason;
import dev.sallyport.policy.Relaxations;
import dev.sallyport.policy.RequestRejectedException;
import dev.sallyport.proxy.http.Field;
import dev.sallyport.proxy.http.RequestHead;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.OptionalInt;

/** From the heads of one connection to what is judged, which are the very bytes that go on. The requests of a connection mostly name the same host: it is parsed once. Event loop only. */
public final class CanonicalHeads {
    private byte[] host = {};
    private String canonicalHost = "";
    private Authority authority = new Authority("", OptionalInt.empty());

    /** Of the only Host. */
    public Authority authority(RequestHead head) throws RejectedException {
        try {
            parseHost(head.array(), head.valueStart(Field.HOST), head.valueEnd(Field.HOST));
            return authority;
        } catch (RequestRejectedException e) {
            throw rejected(e);
        }
    }

    /**
     * Method, authority and path of which no two parsers can disagree; refuses headers that would make an application act on another request. A target in absolute form goes on in origin form, a Host as it was
     * judged. {@code relaxed}: of the port that is called.
     */
    public CanonicalRequest of(RequestHead head, Relaxations relaxed) throws RejectedException {
        try {
            if (head.has(Field.OVERRIDING)) {
                refuseOverriding(head, relaxed);
            }
            byte[] bytes = head.array();
            parseHost(bytes, head.valueStart(Field.HOST), head.valueEnd(Field.HOST));
            CanonicalRequest request = CanonicalRequest.of(
                    bytes, 0, head.methodEnd(), head.targetStart(), head.targetEnd(), authority, relaxed);
            head.originStart(CanonicalRequest.originStart(bytes, head.targetStart(), head.targetEnd()));
            if (!canonicalHost.isEmpty()) {
                head.set(Field.HOST, canonicalHost);
            }
            return request;
        } catch (RequestRejectedException e) {
            throw rejected(e);
        }
    }

    private static RejectedException rejected(RequestRejectedException e) {
        return new RejectedException(Rejection.Malformed.of(e));
    }

    private static void refuseOverriding(RequestHead head, Relaxations relaxed) throws RequestRejectedException {
        String overriding = head.overriding(relaxed::refuses);
        if (!overriding.isEmpty()) {
            throw new RequestRejectedException(
                    Reason.PATH_REJECTED, "header " + overriding + ": would override what was judged");
        }
    }

    private void parseHost(byte[] bytes, int from, int to) throws RequestRejectedException {
        if (host.length > 0 && Arrays.equals(host, 0, host.length, bytes, from, to)) {
            return;
        }
        host = new byte[0];
        authority = Authority.parse(bytes, from, to);
        host = Arrays.copyOfRange(bytes, from, to);
        String written = new String(host, StandardCharsets.ISO_8859_1);
        canonicalHost = written.equals(authority.toString()) ? "" : authority.toString();
    }
}
