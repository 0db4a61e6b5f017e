package dev.sallyport.document;

/**
 * One thing that is wrong: where, the path inside the document ({@code spec.routes.charge.match}), a stable code
 * ({@code SP0101}), and what to write instead. Safe to print whatever the document held: what could move a cursor or
 * hide text is escaped.
 */
public record Problem(Location location, String path, String code, String message) {
    public Problem {
        path = Visible.of(path);
        message = Visible.of(message);
    }

    @Override
    public String toString() {
        return location + ": " + code + " " + (path.isEmpty() ? "" : path + ": ") + message;
    }
}
