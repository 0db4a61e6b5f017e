package dev.sallyport.cli.mesh;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Certificates over time, a line each. Pure. */
final class TimelinePicture {
    private static final int COLUMNS = 60;
    private static final String LEGEND =
            "┣ issued  ━ in use  ╋ renewed  ─ replaced, still valid  ✗ revoked  ┫ ends  ┊ now";

    /** One line: {@code replaced} and {@code revoked} when that happened. */
    record Bar(String label, Instant issued, Instant ends, Optional<Instant> replaced, Optional<Instant> revoked) {}

    private final List<Bar> bars;
    private final Instant from;
    private final Instant to;
    private final Instant now;
    private final int labelWidth;

    /** From {@code since}, or the first issue if that is later, to the last end; {@code bars}: at least one. */
    TimelinePicture(List<Bar> bars, Instant since, Instant now) {
        this.bars = List.copyOf(bars);
        this.now = now;
        Instant first =
                bars.stream().map(Bar::issued).min(Comparator.naturalOrder()).orElse(now);
        Instant last =
                bars.stream().map(Bar::ends).max(Comparator.naturalOrder()).orElse(now);
        this.from = first.isAfter(since) ? first : since;
        this.to = last.isAfter(now) ? last : now;
        this.labelWidth =
                bars.stream().mapToInt(bar -> bar.label().length()).max().orElse(0) + 2;
    }

    List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add(axis());
        bars.forEach(bar -> lines.add(line(bar)));
        lines.add(" ".repeat(labelWidth) + LEGEND);
        return lines;
    }

    /** Both ends of time, to the minute. */
    private String axis() {
        String begin = minute(from);
        String end = minute(to);
        return " ".repeat(labelWidth) + begin + " ".repeat(Math.max(1, COLUMNS - begin.length() - end.length())) + end;
    }

    private static String minute(Instant moment) {
        return moment.toString().substring(0, 16).replace('T', ' ') + "Z";
    }

    private String line(Bar bar) {
        char[] drawn = " ".repeat(COLUMNS).toCharArray();
        drawn[column(now)] = '┊';
        Instant end = bar.revoked().filter(bar.ends()::isAfter).orElse(bar.ends());
        Instant used = bar.replaced().filter(end::isAfter).orElse(end);
        fill(drawn, bar.issued(), used, '━');
        fill(drawn, used, end, '─');
        mark(drawn, bar.issued(), '┣');
        bar.replaced().filter(end::isAfter).ifPresent(moment -> mark(drawn, moment, '╋'));
        mark(drawn, end, bar.revoked().isPresent() && end.isBefore(bar.ends()) ? '✗' : '┫');
        return (bar.label() + " ".repeat(labelWidth - bar.label().length()) + new String(drawn)).stripTrailing();
    }

    private void fill(char[] drawn, Instant begin, Instant end, char with) {
        if (end.isBefore(from)) {
            return;
        }
        for (int column = column(begin); column <= column(end); column++) {
            drawn[column] = with;
        }
    }

    /** What happened before the picture begins has no mark in it. */
    private void mark(char[] drawn, Instant moment, char with) {
        if (!moment.isBefore(from)) {
            drawn[column(moment)] = with;
        }
    }

    private int column(Instant moment) {
        double share = (double) Duration.between(from, moment).toMillis()
                / Math.max(1, Duration.between(from, to).toMillis());
        return (int) Math.clamp(Math.round(share * (COLUMNS - 1)), 0L, COLUMNS - 1L);
    }
}
