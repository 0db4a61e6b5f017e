package dev.sallyport.cli.testing;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.audit.RecordField;
import dev.sallyport.audit.RecordLine;
import dev.sallyport.audit.tlog.Checkpoint;
import dev.sallyport.audit.tlog.FolderTileStore;
import dev.sallyport.audit.tlog.LogKeys;
import dev.sallyport.audit.tlog.NoteSigner;
import dev.sallyport.audit.tlog.SignedNote;
import dev.sallyport.audit.tlog.TilePath;
import dev.sallyport.audit.tlog.TiledLog;
import dev.sallyport.audit.tlog.TlogProof;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** A real tiled log behind a stub of the control plane, which finds records by looking at all of them. */
public final class CollectedLog implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String ORIGIN = "audit.shop.example/shop";

    public final List<NoteSigner> signers;
    private final StubControlPlane stub;
    private final Path folder;
    private final FolderTileStore store;
    private final TiledLog log;
    private final List<byte[]> entries = new ArrayList<>();

    public CollectedLog(Path folder, StubControlPlane stub) throws IOException {
        this.stub = stub;
        signers = LogKeys.log(folder.resolve("log.keys"), ORIGIN);
        this.folder = folder.resolve("log");
        store = FolderTileStore.open(this.folder);
        log = TiledLog.open(store);
        stub.on("GET /v1/audit/records", this::search);
        stub.on("GET /v1/audit/status", 200, status());
    }

    /** A sidecar's records, as they are on disk there. */
    public CollectedLog addAll(SidecarState sidecar) throws IOException {
        try (Stream<Path> files = Files.list(sidecar.folder.resolve("audit"))) {
            for (Path file : files.filter(path -> path.toString().endsWith(".audit.jsonl"))
                    .sorted()
                    .toList()) {
                for (String line : Files.readString(file).lines().toList()) {
                    if (line.startsWith("{")) {
                        entries.add(line.getBytes(StandardCharsets.UTF_8));
                    }
                }
            }
        }
        return this;
    }

    public CollectedLog add(String entry) {
        entries.add(entry.getBytes(StandardCharsets.UTF_8));
        return this;
    }

    /** Brings what was added into the log, signs a checkpoint, and answers for every record in it. */
    public void publish() throws IOException {
        log.append(entries.subList((int) log.size(), entries.size()));
        SignedNote note = SignedNote.sign(new Checkpoint(ORIGIN, log.tree()).text(), signers, Instant.now());
        store.write(Map.of(TilePath.CHECKPOINT, note.toBytes()));
        try (Stream<Path> files = Files.walk(folder, 16)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                byte[] bytes = Files.readAllBytes(file);
                stub.on("GET /v1/audit/log/" + folder.relativize(file), _ -> StubControlPlane.Answer.of(bytes));
            }
        }
        for (int i = 0; i < entries.size(); i++) {
            String id = line(i).map(line -> line.value(RecordField.ID)).orElse("");
            if (!id.isEmpty()) {
                ObjectNode answer = JSON.createObjectNode();
                shown(answer.putArray("records").addObject(), i, true);
                stub.on("GET /v1/audit/records/" + id, 200, answer.toString());
                byte[] proof = TlogProof.of(entries.get(i), i, log.inclusion(i, log.size()), note)
                        .toBytes();
                stub.on("GET /v1/audit/records/" + id + "/proof", _ -> StubControlPlane.Answer.of(proof));
            }
        }
    }

    private String status() {
        ObjectNode status = JSON.createObjectNode().put("origin", ORIGIN);
        ArrayNode keys = status.putArray("keys");
        signers.forEach(signer -> keys.add(signer.verifier().vkey()));
        return status.toString();
    }

    private Optional<RecordLine> line(int index) {
        return RecordLine.parse(entries.get(index));
    }

    private StubControlPlane.Answer search(StubControlPlane.Request request) {
        Map<String, List<String>> params = Arrays.stream(request.query().split("&"))
                .filter(pair -> pair.contains("="))
                .map(pair -> pair.split("=", 2))
                .collect(Collectors.groupingBy(
                        pair -> pair[0],
                        Collectors.mapping(
                                pair -> URLDecoder.decode(pair[1], StandardCharsets.UTF_8), Collectors.toList())));
        boolean oldest = params.getOrDefault("order", List.of()).contains("oldest");
        long limit = number(params, "limit", 50);
        List<Integer> found = IntStream.range(0, entries.size())
                .filter(index -> index > number(params, "after", -1) && index < number(params, "before", 1_000_000))
                .filter(index ->
                        line(index).filter(line -> matches(line, params)).isPresent())
                .boxed()
                .sorted(oldest ? Comparator.naturalOrder() : Comparator.reverseOrder())
                .limit(limit)
                .toList();
        ObjectNode answer = JSON.createObjectNode();
        ArrayNode records = answer.putArray("records");
        found.forEach(index -> shown(records.addObject(), index, params.containsKey("entries")));
        if (found.size() == limit) {
            answer.put("next", (long) found.getLast());
        }
        answer.put("size", entries.size()).put("indexed", entries.size());
        return new StubControlPlane.Answer(200, answer.toString());
    }

    private static boolean matches(RecordLine line, Map<String, List<String>> params) {
        List<String> events = params.getOrDefault("event", List.of("request", "connection"));
        return (events.contains("any") || events.contains(line.value(RecordField.EVENT)))
                && Arrays.stream(RecordField.values())
                        .filter(field -> field != RecordField.EVENT && params.containsKey(field.word()))
                        .allMatch(field ->
                                params.getOrDefault(field.word(), List.of()).contains(line.value(field)));
    }

    private static long number(Map<String, List<String>> params, String name, long otherwise) {
        return Long.parseLong(
                params.getOrDefault(name, List.of(Long.toString(otherwise))).getFirst());
    }

    private void shown(ObjectNode json, int index, boolean entry) {
        RecordLine line = line(index).orElseThrow();
        json.put("index", index).put("time", line.time().toString()).put("number", line.number());
        line.values().forEach((field, value) -> json.put(field.word(), value));
        if (entry) {
            json.put("entry", Base64.getEncoder().encodeToString(entries.get(index)));
        }
    }

    @Override
    public void close() {
        try {
            store.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        stub.close();
    }
}
