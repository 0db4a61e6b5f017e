package dev.sallyport.server.copies;

import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * What Loki, Elasticsearch and an OTLP receiver take by their published formats, and nothing else: an unknown member, a number that should be a string or a wrong type is a 400 of the fake
 * and a failed test.
 */
final class FakeSinks {
    static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private static final Pattern NANOS = Pattern.compile("[1-9][0-9]{18}");
    private static final Pattern LABEL = Pattern.compile("[a-zA-Z_][a-zA-Z0-9_]*");

    private FakeSinks() {}

    /** A sink's answer to a request. */
    record Said(int status, String body) {}

    interface Fake {
        String path();

        Said take(String contentType, byte[] body) throws IOException;
    }

    private static void check(boolean good, String what) {
        if (!good) {
            throw new IllegalArgumentException(what);
        }
    }

    private static void members(JsonNode object, String... names) {
        check(object.isObject(), "an object of " + List.of(names) + ", not " + object.getNodeType());
        object.fieldNames().forEachRemaining(name -> check(Set.of(names).contains(name), "unknown member " + name));
    }

    /** Loki 3: streams by labels; the same line at the same nanosecond is one. */
    static final class Loki implements Fake {
        final Map<Map<String, String>, Map<String, String>> streams = new LinkedHashMap<>();
        /** Index of the entry and its line. */
        final TreeMap<Long, String> lines = new TreeMap<>();

        @Override
        public String path() {
            return "/loki/api/v1/push";
        }

        @Override
        public synchronized Said take(String contentType, byte[] body) throws IOException {
            check(contentType.equals("application/json"), "content-type " + contentType);
            JsonNode request = JSON.readTree(body);
            members(request, "streams");
            for (JsonNode stream : request.get("streams")) {
                members(stream, "stream", "values");
                Map<String, String> labels = new TreeMap<>();
                stream.get("stream").properties().forEach(label -> {
                    check(LABEL.matcher(label.getKey()).matches(), "label " + label.getKey());
                    check(
                            label.getValue().isTextual()
                                    && !label.getValue().asText().isEmpty(),
                            "label value");
                    labels.put(label.getKey(), label.getValue().asText());
                });
                check(!labels.isEmpty() && labels.size() <= 15, "labels");
                check(Set.of("service", "namespace", "env", "decision").containsAll(labels.keySet()), "labels");
                long before = 0;
                for (JsonNode value : stream.get("values")) {
                    check(value.isArray() && value.size() == 3, "a value of three");
                    check(
                            value.get(0).isTextual()
                                    && NANOS.matcher(value.get(0).asText()).matches(),
                            "nanoseconds");
                    check(value.get(1).isTextual(), "line");
                    value.get(2)
                            .properties()
                            .forEach(each -> check(
                                    each.getValue().isTextual()
                                            && LABEL.matcher(each.getKey()).matches(),
                                    "metadata"));
                    long nanos = value.get(0).asLong();
                    check(nanos >= before, "order within a stream");
                    before = nanos;
                    streams.computeIfAbsent(labels, _ -> new LinkedHashMap<>())
                            .put(nanos + " " + value.get(1).asText(), "");
                    lines.put(
                            value.get(2).get("audit_index").asLong(),
                            value.get(1).asText());
                }
            }
            return new Said(204, "");
        }

        synchronized int count() {
            return streams.values().stream().mapToInt(Map::size).sum();
        }
    }

    /** {@code _bulk} with {@code create} alone. */
    static final class Elasticsearch implements Fake {
        final Map<String, JsonNode> documents = new LinkedHashMap<>();
        int repeats;
        /** What an item is answered instead of being taken; 0: nothing else. */
        Function<JsonNode, Integer> instead = _ -> 0;

        @Override
        public String path() {
            return "/_bulk";
        }

        @Override
        public synchronized Said take(String contentType, byte[] body) throws IOException {
            check(contentType.equals("application/x-ndjson"), "content-type " + contentType);
            String text = new String(body, StandardCharsets.UTF_8);
            check(text.endsWith("\n"), "the last line ends in a line feed");
            String[] lines = text.substring(0, text.length() - 1).split("\n", -1);
            check(lines.length % 2 == 0, "pairs of lines");
            ObjectNode answer = JSON.createObjectNode();
            boolean errors = false;
            ArrayNode items = answer.putArray("items");
            for (int i = 0; i < lines.length; i += 2) {
                JsonNode action = JSON.readTree(lines[i]);
                members(action, "create");
                members(action.get("create"), "_index", "_id");
                JsonNode document = JSON.readTree(lines[i + 1]);
                int status = item(action.get("create").get("_id").asText(), document);
                errors |= status != 201;
                ObjectNode item = items.addObject().putObject("create");
                item.put("status", status);
                if (status != 201) {
                    item.putObject("error").put("type", "some_exception").put("reason", "because");
                }
            }
            answer.put("errors", errors);
            return new Said(200, answer.toString());
        }

        private int item(String id, JsonNode document) {
            check(id.matches("[0-9a-f]{64}"), "_id " + id);
            check(document.path("@timestamp").asText().matches("20[0-9-]{8}T[0-9:.]+Z"), "@timestamp");
            fields(document);
            int other = instead.apply(document);
            if (other != 0) {
                return other;
            }
            if (documents.putIfAbsent(id, document) != null) {
                repeats++;
                return 409;
            }
            return 201;
        }

        /** No object (names in it would be fields), and no field that holds a value and has fields below it. */
        private static void fields(JsonNode document) {
            List<String> names = new ArrayList<>();
            document.properties().forEach(field -> {
                check(!field.getValue().isObject(), field.getKey() + " is an object");
                names.add(field.getKey());
            });
            for (String name : names) {
                check(names.stream().noneMatch(other -> other.startsWith(name + ".")), name + " has fields below it");
            }
        }
    }

    /** OTLP/HTTP logs, the JSON form of the protobuf messages. */
    static final class Otlp implements Fake {
        final Map<Long, JsonNode> records = new TreeMap<>();
        final Map<Long, String> services = new TreeMap<>();
        long reject;

        @Override
        public String path() {
            return "/v1/logs";
        }

        @Override
        public synchronized Said take(String contentType, byte[] body) throws IOException {
            check(contentType.equals("application/json"), "content-type " + contentType);
            JsonNode request = JSON.readTree(body);
            members(request, "resourceLogs");
            for (JsonNode resource : request.get("resourceLogs")) {
                members(resource, "resource", "scopeLogs");
                members(resource.get("resource"), "attributes");
                Map<String, JsonNode> of = attributes(resource.get("resource").get("attributes"));
                check(of.containsKey("service.name"), "service.name");
                for (JsonNode scope : resource.get("scopeLogs")) {
                    members(scope, "logRecords"); // The draft: the scope is empty.
                    scope.get("logRecords").forEach(record -> {
                        members(record, "timeUnixNano", "observedTimeUnixNano", "eventName", "traceId", "attributes");
                        check(record.get("timeUnixNano").isTextual(), "64-bit integers are strings");
                        check(NANOS.matcher(record.get("timeUnixNano").asText()).matches(), "nanoseconds");
                        check(record.get("observedTimeUnixNano").isTextual(), "64-bit integers are strings");
                        check(
                                record.path("traceId")
                                        .asText("4bf92f3577b34da6a3ce929d0e0e4736")
                                        .matches("[0-9a-f]{32}"),
                                "hex");
                        long index = attributes(record.get("attributes"))
                                .getOrDefault("sallyport.audit.index", MissingNode.getInstance())
                                .path("intValue")
                                .asLong();
                        records.put(index, record);
                        services.put(
                                index,
                                of.getOrDefault("service.name", MissingNode.getInstance())
                                        .path("stringValue")
                                        .asText());
                    });
                }
            }
            return new Said(
                    200,
                    reject == 0
                            ? "{}"
                            : "{\"partialSuccess\":{\"rejectedLogRecords\":\"" + reject
                                    + "\",\"errorMessage\":\"no\"}}");
        }

        static Map<String, JsonNode> attributes(JsonNode list) {
            Map<String, JsonNode> all = new LinkedHashMap<>();
            for (JsonNode attribute : list) {
                members(attribute, "key", "value");
                value(attribute.get("value"));
                check(all.put(attribute.get("key").asText(), attribute.get("value")) == null, "a key twice");
            }
            return all;
        }

        private static void value(JsonNode value) {
            check(value.size() == 1, "one kind of value");
            String kind = value.fieldNames().next();
            JsonNode of = value.get(kind);
            switch (kind) {
                case "stringValue" -> check(of.isTextual(), kind);
                case "intValue" -> check(of.isTextual() && of.asText().matches("-?[0-9]{1,19}"), kind);
                case "boolValue" -> check(of.isBoolean(), kind);
                case "arrayValue" -> of.get("values").forEach(Otlp::value);
                case "kvlistValue" -> attributes(of.get("values"));
                default -> check(false, kind);
            }
        }
    }
}
