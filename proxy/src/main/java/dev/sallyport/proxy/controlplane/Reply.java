package dev.sallyport.proxy.controlplane;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/**
 * The control plane's answer to a short request; {@code retryAfter}: when it wants to be asked again, in seconds (RFC 9110 section 10.2.3; a date is left out, for it would be of another clock); {@code body} at most
 * {@value ControlPlaneConnection#REPLY_BYTES_MAX} bytes.
 */
@SuppressWarnings("ArrayRecordComponent") // parsed once by whoever asked, compared by nobody
public record Reply(int status, Optional<Duration> retryAfter, byte[] body) {
    private static final JsonFactory JSON = new JsonFactory();
    private static final int DETAIL_MAX = 300;

    /** The {@code detail} of problem+json (RFC 9457), for people; the status when there is none. Control characters are left out. */
    public String problem() {
        String detail = member("detail").replaceAll("\\p{Cntrl}", " ");
        if (detail.isEmpty()) {
            return "HTTP status " + status;
        }
        return detail.length() <= DETAIL_MAX ? detail : detail.substring(0, DETAIL_MAX);
    }

    /** Whether the problem carries this {@code code}, a word to act on. */
    public boolean coded(String code) {
        return member("code").equals(code);
    }

    /** The text of a member of the problem; {@code ""} when there is none. */
    private String member(String wanted) {
        try (JsonParser json = JSON.createParser(body)) {
            if (json.nextToken() == JsonToken.START_OBJECT) {
                while (json.nextToken() == JsonToken.FIELD_NAME) {
                    String name = json.currentName();
                    if (json.nextToken() == JsonToken.VALUE_STRING && name.equals(wanted)) {
                        return json.getText();
                    }
                    json.skipChildren();
                }
            }
        } catch (IOException e) {
            // Not JSON: the status has to do.
        }
        return "";
    }
}
