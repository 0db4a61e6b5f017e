package dev.sallyport.cli;

/** A number with its noun: {@code 1 problem}, {@code 2 problems}. */
public final class Counted {
    private Counted() {}

    /** {@code noun} takes an s for the plural. */
    public static String of(long number, String noun) {
        return number + " " + noun + (number == 1 ? "" : "s");
    }
}
