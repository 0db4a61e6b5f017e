package dev.sallyport.proxy.http;

import java.util.List;

/**
 * What a reader made of the bytes of a connection. {@code refused}: why it read no further, empty when it did not refuse; {@code forwarded}: what it passed on, empty for a reader that only reads.
 */
record Reading(List<Message> messages, String refused, String forwarded) {
    /** {@code line}: method, target and version, or version and status; {@code fields} and {@code trailers} as {@code name: value}. Not {@code complete}: bytes of it are still to come. */
    record Message(String line, List<String> fields, String payload, List<String> trailers, boolean complete) {}
}
