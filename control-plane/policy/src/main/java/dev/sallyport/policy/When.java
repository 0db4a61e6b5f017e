package dev.sallyport.policy;

import java.util.Optional;

/**
 * A CEL condition. {@code source} as written; {@code checked} is the type-checked expression (base64 of {@code cel.expr.CheckedExpr}), which only `authoring` makes and without
 * which no policy set compiles.
 */
public record When(String source, Optional<String> checked) {}
