package dev.sallyport.proxy.admin;

import dev.sallyport.proxy.log.JsonText;
import dev.sallyport.proxy.log.Level;
import dev.sallyport.proxy.log.Log;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** {@code /logging}: how much is said on standard error, and, for an hour at most, how much more. Any thread. */
final class LoggingPage {
    private static final Duration FOR_MAX = Duration.ofHours(1);
    private static final Set<String> PARAMETERS = Set.of("level", "for");
    private static final Pattern DURATION = Pattern.compile("([0-9]{1,6})(s|m|h)");

    /** Has something done after a while, once, by whatever thread. */
    interface Later {
        void run(Duration after, Runnable what);
    }

    private final Clock clock;
    private final Later later;
    private @Nullable Instant until;
    /** Of the latest change: the end of an earlier one is no end of it. */
    private int change;

    LoggingPage(Clock clock) {
        this(
                clock,
                (after, what) -> CompletableFuture.delayedExecutor(after.toMillis(), TimeUnit.MILLISECONDS)
                        .execute(what));
    }

    LoggingPage(Clock clock, Later later) {
        this.clock = clock;
        this.later = later;
    }

    synchronized Page show() {
        return Page.json(JsonText.object(json -> {
            json.writeStringField("level", Log.level().word());
            if (until != null) {
                json.writeStringField("until", until.toString());
            }
        }));
    }

    /** {@code level=debug|info|warn|error[&for=10m]}. */
    Page change(PageRequest request) {
        Optional<String> unexpected = request.unexpected(PARAMETERS);
        if (unexpected.isPresent()) {
            return Page.text(
                    400,
                    "parameter " + PageRequest.shown(unexpected.get()) + " (expected: level and for, each once)\n");
        }
        String word = request.parameter("level").orElse("");
        Optional<Level> level = Level.of(word);
        if (level.isEmpty()) {
            return Page.text(400, "level: " + PageRequest.shown(word) + " (expected: debug, info, warn or error)\n");
        }
        Optional<String> duration = request.parameter("for");
        Optional<Duration> length = duration.flatMap(LoggingPage::duration);
        if (duration.isPresent() && length.isEmpty()) {
            return Page.text(
                    400, "for: " + PageRequest.shown(duration.get()) + " (expected: 1s to 1h, as 30s, 10m or 1h)\n");
        }
        become(level.get(), length);
        return show();
    }

    private static Optional<Duration> duration(String text) {
        Matcher parts = DURATION.matcher(text);
        if (!parts.matches()) {
            return Optional.empty();
        }
        ChronoUnit unit = switch (parts.group(2)) {
            case "s" -> ChronoUnit.SECONDS;
            case "m" -> ChronoUnit.MINUTES;
            default -> ChronoUnit.HOURS;
        };
        return Optional.of(Duration.of(Long.parseLong(parts.group(1)), unit))
                .filter(length -> length.isPositive() && length.compareTo(FOR_MAX) <= 0);
    }

    private synchronized void become(Level level, Optional<Duration> length) {
        int own = ++change;
        Log.level(level);
        until = length.map(clock.instant()::plus).orElse(null);
        length.ifPresent(some -> later.run(some, () -> back(own)));
    }

    private synchronized void back(int own) {
        if (own == change) {
            until = null;
            Log.level(Level.INFO);
        }
    }
}
