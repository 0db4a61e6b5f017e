package dev.sallyport.proxy.exchange;

import dev.sallyport.proxy.http.Field;
import dev.sallyport.proxy.http.RequestHead;
import java.util.ArrayList;
import java.util.List;

/** {@code tracestate} (W3C Trace Context section 3.3) and our one member of it, {@code sallyport=<32 hex>}: what instrumented applications hand on without a word of code. */
public final class TraceState {
    private static final String KEY = "sallyport";
    /** As {@code tracestate} is bounded by the recommendation, sections 3.3.1.5 and 3.3.1.1: many readers forget a longer one whole, and our member with it. */
    private static final int CHARACTERS_MAX = 512;

    private static final int MEMBERS_MAX = 32;

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
            write(head, String.join(",", others(head)));
        }
    }

    /** Puts our member first, where the newest stands, in place of any other of ours; of the others, the oldest of which stand last, those stay for which there is room. */
    public static void put(RequestHead head, String handle) {
        StringBuilder state =
                new StringBuilder(CHARACTERS_MAX).append(KEY).append('=').append(handle);
        int members = 1;
        for (String other : others(head)) {
            if (members++ == MEMBERS_MAX || state.length() + 1 + other.length() > CHARACTERS_MAX) {
                break;
            }
            state.append(',').append(other);
        }
        write(head, state.toString());
    }

    private static void write(RequestHead head, String value) {
        if (value.isEmpty()) {
            head.drop(Field.TRACESTATE);
        } else {
            head.set(Field.TRACESTATE, value);
        }
    }

    private static List<String> others(RequestHead head) {
        return head.count(Field.TRACESTATE) == 0
                ? List.of()
                : members(head).stream()
                        .filter(member -> !isOurs(member) && !member.isEmpty())
                        .toList();
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
