package dev.sallyport.server.copies;

import dev.sallyport.audit.export.ExportLabels;
import dev.sallyport.audit.export.ExportRecord;
import dev.sallyport.audit.export.LokiPush;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Loki's push API. With 400 it stores what it can and names the first that it cannot; the same line at the same nanosecond is stored once, so that parts may be sent again. A log that is
 * copied from its beginning has many entries that are too old: one answer tells all of them.
 */
record LokiFormat(ExportLabels labels) implements WebSink.Format {
    private static final Pattern TOO_OLD =
            Pattern.compile("has timestamp too old: .*?oldest acceptable timestamp is: ([0-9TZ:.+-]{20,35})");

    private static final int LOOKED_AT_MAX = 8 * 1024;

    @Override
    public String path() {
        return "/loki/api/v1/push";
    }

    @Override
    public String contentType() {
        return LokiPush.CONTENT_TYPE;
    }

    @Override
    public byte[] request(List<ExportRecord> batch) {
        return LokiPush.request(batch, labels);
    }

    @Override
    public Sink.Outcome taken(List<ExportRecord> batch, byte[] body) {
        return Sink.Outcome.Taken.ALL;
    }

    @Override
    public Sink.Outcome refused(List<ExportRecord> batch, String why, byte[] body) {
        Optional<Instant> oldest = oldest(body);
        if (oldest.isEmpty()) {
            return new Sink.Outcome.Split(why);
        }
        Instant bound = oldest.get();
        long nanos = bound.getEpochSecond() * 1_000_000_000 + bound.getNano();
        List<Sink.Refused> refused = batch.stream()
                .filter(record -> record.nanos() < nanos)
                .map(record -> new Sink.Refused(record, why))
                .toList();
        if (refused.isEmpty()) {
            return new Sink.Outcome.Split(why);
        }
        // Once more, to hear whether anything else was wrong with them.
        List<ExportRecord> left =
                batch.stream().filter(record -> record.nanos() >= nanos).toList();
        return left.isEmpty() ? new Sink.Outcome.Taken(refused, 0, 0) : new Sink.Outcome.Rest(left, refused);
    }

    private static Optional<Instant> oldest(byte[] body) {
        String text = new String(body, 0, Math.min(body.length, LOOKED_AT_MAX), StandardCharsets.ISO_8859_1);
        Matcher matcher = TOO_OLD.matcher(text);
        try {
            return matcher.find() ? Optional.of(Instant.parse(matcher.group(1))) : Optional.empty();
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }
}
