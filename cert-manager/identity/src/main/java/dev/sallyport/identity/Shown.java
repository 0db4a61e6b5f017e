package dev.sallyport.identity;

/** A stranger's text made fit for a message: short, and free of control characters that would forge a log line. */
final class Shown {
    private static final int MAX_LENGTH = 120;

    private Shown() {}

    static String of(String text) {
        String head = text.length() <= MAX_LENGTH ? text : text.substring(0, MAX_LENGTH) + "…";
        var shown = new StringBuilder(head.length() + 2).append('"');
        head.chars().forEach(c -> shown.append(Character.isISOControl(c) ? '?' : (char) c));
        return shown.append('"').toString();
    }
}
