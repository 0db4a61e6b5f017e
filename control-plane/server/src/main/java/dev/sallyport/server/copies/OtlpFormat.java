package dev.sallyport.server.copies;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.audit.export.ExportLabels;
import dev.sallyport.audit.export.ExportRecord;
import dev.sallyport.audit.export.OtlpLogs;
import java.io.IOException;
import java.util.List;

/** OTLP/HTTP logs in JSON. A partial success says how many records the receiver dropped, and not which; by the specification they must not be sent again. */
record OtlpFormat(ExportLabels labels) implements WebSink.Format {
    @Override
    public String path() {
        return "/v1/logs";
    }

    @Override
    public String contentType() {
        return OtlpLogs.CONTENT_TYPE;
    }

    @Override
    public byte[] request(List<ExportRecord> batch) {
        return OtlpLogs.request(batch, labels);
    }

    @Override
    public Sink.Outcome taken(List<ExportRecord> batch, byte[] body) throws IOException {
        if (body.length == 0) {
            return Sink.Outcome.Taken.ALL;
        }
        JsonNode partial = Answers.object(body).path("partialSuccess");
        long rejected = Math.clamp(partial.path("rejectedLogRecords").asLong(), 0L, (long) batch.size());
        return new Sink.Outcome.Taken(List.of(), rejected, 0);
    }
}
