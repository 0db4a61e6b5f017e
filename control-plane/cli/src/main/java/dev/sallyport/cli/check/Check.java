package dev.sallyport.cli.check;

import dev.sallyport.cli.Colour;
import java.util.Locale;
import java.util.Optional;

/** One thing that was looked at. {@code fix}: the command that mends it, with everything that is not right. */
record Check(CheckCode code, String category, Result result, String what, Optional<String> fix) {
    /** How it stands. */
    enum Result {
        OK("√", Colour.GOOD),
        WARNING("‼", Colour.DOUBTFUL),
        FAILED("×", Colour.BAD);

        final String mark;
        final Colour colour;

        Result(String mark, Colour colour) {
            this.mark = mark;
            this.colour = colour;
        }

        /** For {@code -o json}. */
        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    static Check ok(CheckCode code, String category, String what) {
        return new Check(code, category, Result.OK, what, Optional.empty());
    }

    static Check warning(CheckCode code, String category, String what, String fix) {
        return new Check(code, category, Result.WARNING, what, Optional.of(fix));
    }

    static Check failed(CheckCode code, String category, String what, String fix) {
        return new Check(code, category, Result.FAILED, what, Optional.of(fix));
    }
}
