package dev.sallyport.server.copies;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.audit.export.ElasticsearchBulk;
import dev.sallyport.audit.export.ExportLabels;
import dev.sallyport.audit.export.ExportRecord;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The bulk API of Elasticsearch and OpenSearch: each record has an answer of its own. One that is there already (409) came with an earlier try. */
record ElasticsearchFormat(String index, ExportLabels labels) implements WebSink.Format {
    private static final int CONFLICT = 409;
    private static final int TOO_MANY = 429;

    /** Only what is looked at: whole answers are several times as long as they need to be. */
    @Override
    public String path() {
        return "/_bulk?filter_path=errors,items.*.status,items.*.error.type,items.*.error.reason";
    }

    @Override
    public String contentType() {
        return ElasticsearchBulk.CONTENT_TYPE;
    }

    @Override
    public byte[] request(List<ExportRecord> batch) {
        return ElasticsearchBulk.request(batch, index, labels);
    }

    @Override
    public Sink.Outcome taken(List<ExportRecord> batch, byte[] body) throws IOException {
        JsonNode answer = Answers.object(body);
        if (answer.path("errors").isBoolean() && !answer.path("errors").asBoolean()) {
            return Sink.Outcome.Taken.ALL;
        }
        JsonNode items = answer.path("items");
        if (items.size() != batch.size()) {
            throw new IOException(
                    "the answer has " + items.size() + " items (expected: " + batch.size() + ", one for each record)");
        }
        List<ExportRecord> left = new ArrayList<>();
        List<Sink.Refused> refused = new ArrayList<>();
        String why = "";
        for (int i = 0; i < batch.size(); i++) {
            JsonNode item = items.get(i).path("create");
            int status = item.path("status").asInt();
            if (status >= 200 && status < 300 || status == CONFLICT) {
                continue;
            }
            String text = status + said(item.path("error"));
            if (status == TOO_MANY || status >= 500 || status == 0 || status == 401 || status == 403 || status == 404) {
                left.add(batch.get(i));
                why = text;
            } else {
                refused.add(new Sink.Refused(batch.get(i), text));
            }
        }
        if (refused.size() == batch.size()) { // Not one is there: an index that refuses everything must cost waits.
            return new Sink.Outcome.Split(refused.getFirst().why());
        }
        return left.isEmpty()
                ? new Sink.Outcome.Taken(refused, 0, 0)
                : new Sink.Outcome.Again(left, refused, Optional.empty(), "item status " + why);
    }

    private static String said(JsonNode error) {
        return WebSink.said(
                (error.path("type").asText("") + " " + error.path("reason").asText(""))
                        .strip()
                        .getBytes(StandardCharsets.UTF_8));
    }
}
