package dev.sallyport.server.collector;

import dev.sallyport.server.collector.BatchRefusedException.Reason;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code service/instance/random}: whose log it is, and which one; a folder that was lost or renamed begins another. */
record StreamName(String text, String service, String instance) {
    private static final Pattern FORM =
            Pattern.compile("([a-z0-9-]{1,63})/([A-Za-z0-9._-]{1,64})/([A-Za-z0-9._-]{1,64})");

    static StreamName parse(String text) throws BatchRefusedException {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            throw new BatchRefusedException(
                    Reason.STREAM, "stream (expected: service/instance/name, each of A-Z a-z 0-9 . _ -)");
        }
        return new StreamName(text, matcher.group(1), matcher.group(2));
    }
}
