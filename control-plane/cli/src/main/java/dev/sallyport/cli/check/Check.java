package dev.sallyport.cli.check;

import dev.sallyport.cli.Colour;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One thing that was looked at. {@code fix}: the command that mends it, with everything that is not right; what is said beside it follows three blanks and {@code #}, so that a shell takes the line. */
record Check(CheckCode code, String category, Result result, String what, Optional<String> fix) {
    private static final Pattern OF_THE_CONTROL_PLANE = Pattern.compile(
            "(sallyport (?:check|status|certs|ca|token|get|audit (?:status|findings))\\b(?:(?! {3}#).)*)(.*)");

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

    /** The same with a fix that names the administrator's context, where it needs one. */
    Check with(Path context) {
        return new Check(code, category, result, what, fix.map(command -> {
            Matcher matcher = OF_THE_CONTROL_PLANE.matcher(command);
            return matcher.matches() && !command.contains("--context")
                    ? matcher.group(1) + " --context " + context + matcher.group(2)
                    : command;
        }));
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
