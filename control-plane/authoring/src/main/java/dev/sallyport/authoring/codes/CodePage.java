package dev.sallyport.authoring.codes;

import java.util.Optional;

/** What one code means: a title, why it matters and what to do, and an example of what triggers it and of what to write instead. Where no example is small enough there is none. Of a check {@code right} has the commands
 * that help. */
public record CodePage(
        String code, String title, String means, String place, Optional<String> wrong, Optional<String> right) {}
