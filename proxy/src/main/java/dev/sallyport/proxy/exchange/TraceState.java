package dev.sallyport.proxy.exchange;

import dev.sallyport.proxy.http.Field;
import dev.sallyport.proxy.http.RequestHead;
import java.util.ArrayList;
import java.util.List;

/** {@code tracestate} (W3C Trace Context section 3.3) and our one member of it, {@code sallyport=<32 hex>}: what instrumented applications hand on without a word of code. */
public final class TraceState {
    private static final String KEY = "sallyport";
    /** As {@code tracestate} is bounded by the recommendation, section 3.3.1.5. */
    private static final int CHARACTERS_MAX = 512;

    private TraceState() {}

    /** Every value that {@code head} has under our key, in order. */
    public static List<String> ours(RequestHead head) {
        if (head.count(Field.TRACESTATE) == 0) {
            return List.of();
        }
        return members(head).stream()
                .filter(TraceState::isOurs)
                .map(member -> member.substring(member.indexOf('=') + 1))
                .toList();
    }

    /** Takes our member away, whoever said it: a handle is for one application, and not for the next one. */
    public static void strip(RequestHead head) {
        if (head.count(Field.TRACESTATE) > 0 && members(head).stream().anyMatch(TraceState::isOurs)) {
            write(head, others(head));
        }
    }

    /** Puts our member first, where the newest stands, in place of any other of ours; the others stay if there is room. */
    public static void put(RequestHead head, String handle) {
        String others = others(head);
        String mine = KEY + "=" + handle;
        boolean room = !others.isEmpty() && mine.length() + 1 + others.length() <= CHARACTERS_MAX;
        write(head, room ? mine + "," + others : mine);
    }

    private static void write(RequestHead head, String value) {
        if (value.isEmpty()) {
            head.drop(Field.TRACESTATE);
        } else {
            head.set(Field.TRACESTATE, value);
        }
    }

    private static String others(RequestHead head) {
        return head.count(Field.TRACESTATE) == 0
                ? ""
                : String.join(
                        ",",
                        members(head).stream()
                                .filter(member -> !isOurs(member) && !member.isEmpty())
                                .toList());
    }

    /** In any case and with any blank around the name: what some reader could take for ours is ours. */
    private static boolean isOurs(String member) {
        int equals = member.indexOf('=');
        String key = equals < 0 ? member : member.substring(0, equals);
        return key.strip().equalsIgnoreCase(KEY);
    }

    private static List<String> members(RequestHead head) {
        List<String> members = new ArrayList<>();
        for (String value : head.values(Field.TRACESTATE)) {
            for (String member : value.split(",", -1)) {
                members.add(member.strip());
            }
        }
        return members;
    }
}
