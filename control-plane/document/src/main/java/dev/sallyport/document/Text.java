package dev.sallyport.document;

/** A text with its place, for problems that concern one item of a list. */
public record Text(Location location, String path, String text) {
    /** Adds a problem at this text. */
    public void problem(Problems problems, String code, String message) {
        problems.add(location, path, code, message);
    }
}
