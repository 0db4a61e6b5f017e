package dev.sallyport.document;

/**
 * One thing that is wrong: where, the path inside the document ({@code spec.routes.charge.match}), a stable code
 * ({@code SP0101}), and what to write instead. Safe to print whatever the document held: what could move a cursor, hide
 * text or look like another letter is escaped.
 */
public record Problem(Location location, String path, String code, String message) {
    /** What a message quotes is cut: a value may be as long as its file, and there may be {@value Problems#MAX} of them. */
    private static final int MESSAGE_CHARACTERS_MAX = 1_000;

    public Problem {
        path = Visible.plain(path);
        message = Visible.plain(cut(message));
    }

    /** Value and expectation both stay readable. */
    private static String cut(String message) {
        int half = MESSAGE_CHARACTERS_MAX / 2;
        return message.length() <= MESSAGE_CHARACTERS_MAX
                ? message
                : message.substring(0, half) + "…" + message.substring(message.length() - half);
    }

    @Override
    public String toString() {
        return location + ": " + code + " " + (path.isEmpty() ? "" : path + ": ") + message;
    }
}
