package dev.sallyport.cli.record;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.cli.CliException;
import dev.sallyport.cli.ControlPlaneApi;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** The collected log, by the control plane's API. Blocking. */
record CollectedRecords(ControlPlaneApi api) {
    private static final String RECORDS = "/v1/audit/records";
    private static final int LINE_MAX = 400;

    /** {@code warnings}: what the answer lacks, for people. */
    record Page(List<RecordRow> rows, OptionalLong next, List<String> warnings, JsonNode json) {}

    /** {@code query}: with its question mark. */
    Page search(String query) throws CliException {
        JsonNode json = api.get(RECORDS + query);
        List<RecordRow> rows = new ArrayList<>();
        json.path("records").forEach(record -> rows.add(new RecordRow(record)));
        List<String> warnings = new ArrayList<>();
        Optional.of(json.path("stopped").asText(""))
                .filter(text -> !text.isEmpty())
                .ifPresent(text -> warnings.add("search: " + Cut.of(text, LINE_MAX)));
        long missing = json.path("size").asLong() - json.path("indexed").asLong();
        if (missing > 10_000) {
            warnings.add(
                    "search: the index is behind, the newest " + missing + " entries of the log are not in it yet");
        }
        JsonNode next = json.path("next");
        return new Page(rows, next.isNumber() ? OptionalLong.of(next.asLong()) : OptionalLong.empty(), warnings, json);
    }

    /** Every entry of that id, oldest first, with its bytes. */
    List<RecordRow> byId(String id) throws CliException {
        List<RecordRow> rows = new ArrayList<>();
        api.get(path(id)).path("records").forEach(record -> rows.add(new RecordRow(record)));
        return rows;
    }

    byte[] proof(String id, String index) throws CliException {
        return api.bytes(path(id) + "/proof" + ControlPlaneApi.query("index", index));
    }

    /** The documents that a record's decision was made by. */
    byte[] policy(String digest) throws CliException {
        return api.bytes("/v1/audit/policy/" + ControlPlaneApi.encode(digest));
    }

    /** Of the log's folder: {@code checkpoint}, {@code tile/0/000}. */
    byte[] file(String path) throws CliException {
        return api.bytes("/v1/audit/log/" + path);
    }

    JsonNode status() throws CliException {
        return api.get("/v1/audit/status");
    }

    JsonNode findings(boolean all) throws CliException {
        return api.get("/v1/audit/findings" + ControlPlaneApi.query("all", all ? "true" : ""));
    }

    private static String path(String id) {
        return RECORDS + "/" + ControlPlaneApi.encode(id);
    }
}
