package dev.sallyport.document;

/** Where a node begins; line and column count from 1. Prints as {@code file:line:column}. */
public record Location(String file, int line, int column) {
    @Override
    public String toString() {
        return Visible.of(file) + ":" + line + ":" + column;
    }
}
