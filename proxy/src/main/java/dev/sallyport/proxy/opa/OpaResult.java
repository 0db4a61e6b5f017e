package dev.sallyport.proxy.opa;

import dev.sallyport.policy.OpaAnswer;
import java.time.Duration;

/** What asking came to. {@code detail}, one line for the record: {@code true}, {@code false}, {@code undefined}, or why there is no answer. {@code took}: the whole question. */
public record OpaResult(OpaAnswer answer, String detail, Duration took) {}
