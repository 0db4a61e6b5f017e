package dev.sallyport.authority.setup;

import java.util.List;

/** The set-up does not go on. {@code sentences}: why, one each; without secrets. Stackless. */
public final class SetupException extends Exception {
    private static final long serialVersionUID = 1;

    private final transient List<String> sentences;

    SetupException(String message, List<String> sentences) {
        super(message, null, false, false);
        this.sentences = List.copyOf(sentences);
    }

    SetupException(String message) {
        this(message, List.of());
    }

    public List<String> sentences() {
        return sentences;
    }
}
