package dev.sallyport.cli;

/** What a colour means; ECMA-48 section 8.3.117. */
public enum Colour {
    GOOD("32"),
    DOUBTFUL("33"),
    BAD("31"),
    STRONG("1"),
    FAINT("2");

    private final String code;

    Colour(String code) {
        this.code = code;
    }

    String on(String text) {
        return "\u001b[" + code + "m" + text + "\u001b[0m";
    }
}
