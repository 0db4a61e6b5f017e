package dev.sallyport.cli.demo;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.cli.CliException;
import dev.sallyport.cli.ExitCode;
import dev.sallyport.cli.Invocation;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** 9. As many records as the clients caused, in chains that hold; and one flipped bit, in a copy, that is found. */
final class AuditStep implements Step {
    private static final Duration LIMIT = Duration.ofSeconds(10);
    /** Long enough for a record too many to show up. */
    private static final Duration SETTLE = Duration.ofSeconds(1);

    @Override
    public String name() {
        return "every request and refusal is on record, and one flipped byte is found";
    }

    @Override
    public void run(Scene scene, Observation observation) throws IOException, CliException, InterruptedException {
        long expected = scene.ledger().expectedRecords();
        observation.saw("counted by the clients: " + scene.ledger().arithmetic());
        var _ = Until.within(
                LIMIT,
                () -> scene.records().whole()
                        ? scene.records().traffic().filter(count -> count >= expected)
                        : Optional.of(expected));
        Thread.sleep(SETTLE);
        Scene.Ran verified = Scene.run("audit", "verify", scene.folder().state().toString());
        long found = scene.records().traffic().orElse(-1L);
        boolean whole = scene.records().whole();
        // A first segment that is full and has its receipt is gone: that all are there the collected log shows, then.
        observation.must(
                verified.exit() == 0 && (found == expected || (!whole && found > 0 && found < expected)),
                "in the sidecars' own logs: " + found
                        + (whole ? "" : ", the others are with the control plane and their segments freed")
                        + "; audit verify: " + lastLine(verified));
        observation.repeat(Scene.shell("audit", "verify", scene.folder().state().toString()));

        collected(scene, observation, expected);
        Path copy = Files.createTempDirectory("sallyport-flipped");
        try {
            Flipped flipped = flip(scene.records().auditLog("payment"), copy);
            Scene.Ran refuted = Scene.run("audit", "verify", copy.toString());
            String place = flipped.file() + ":" + flipped.line();
            observation.must(
                    refuted.exit() == ExitCode.UNVERIFIED.number()
                            && (refuted.out() + refuted.err()).contains(place + ":"),
                    "one bit flipped in a copy of payment's log, line " + flipped.line() + "; audit verify: "
                            + lastLine(refuted));
        } finally {
            DemoFolder.deleteAll(copy);
        }
        observation.repeat(
                "COPY=$(mktemp -d) && cp " + Scene.quoted(scene.records().auditLog("payment"))
                        + "/*.audit.jsonl $COPY && sed -i '2s/POST/PUT /' $COPY/00000001.audit.jsonl");
        observation.repeat(Scene.shell("audit", "verify") + " $COPY");
    }

    /** The same records in the control plane's log, in a form that is not ours: anybody's verifier can read it. */
    private static void collected(Scene scene, Observation observation, long expected)
            throws IOException, CliException, InterruptedException {
        String context = scene.shop().context().toString();
        String log =
                scene.shop().context().resolveSibling("audit").resolve("log").toString();
        List<String> verify = new ArrayList<>(List.of("audit", "verify", log, "--expect", Long.toString(expected)));
        for (JsonNode key : Invocation.JSON
                .readTree(Scene.run("audit", "status", "--context", context, "-o", "json")
                        .out())
                .path("keys")) {
            verify.addAll(List.of("--key", key.asText()));
        }
        Optional<Scene.Ran> held = Until.within(
                LIMIT,
                () -> Optional.of(Scene.run(verify.toArray(String[]::new))).filter(ran -> ran.exit() == 0));
        observation.must(
                held.isPresent(),
                "in the control plane's tiled log: "
                        + held.map(ran -> ran.out().strip().replaceAll("\\s*\n\\s*", "; "))
                                .orElseGet(() -> lastLine(Scene.run(verify.toArray(String[]::new)))));
        observation.repeat(Scene.shell("audit", "status", "--context", context));
        observation.repeat(Scene.shell("audit", "search", "--decision", "deny", "--context", context));
    }

    private record Flipped(Path file, int line) {}

    /** Copies a log and flips the lowest bit of the byte in the middle of the line in the middle of its first file. */
    private static Flipped flip(Path log, Path copy) throws IOException {
        List<Path> files;
        try (Stream<Path> entries = Files.list(log)) {
            files = entries.filter(file -> file.toString().endsWith(".audit.jsonl"))
                    .sorted()
                    .toList();
        }
        for (Path file : files) {
            Files.copy(file, copy.resolve(file.getFileName()));
        }
        Path target = copy.resolve(files.getFirst().getFileName());
        List<String> lines = Files.readAllLines(target, StandardCharsets.UTF_8);
        int index = lines.size() / 2;
        int offset = lines.get(index).getBytes(StandardCharsets.UTF_8).length / 2;
        for (String before : lines.subList(0, index)) {
            offset += before.getBytes(StandardCharsets.UTF_8).length + 1;
        }
        byte[] bytes = Files.readAllBytes(target);
        bytes[offset] ^= 1;
        Files.write(target, bytes);
        return new Flipped(target, index + 1);
    }

    private static String lastLine(Scene.Ran ran) {
        return Optional.of((ran.out() + ran.err()).lines().toList())
                .filter(lines -> !lines.isEmpty())
                .map(List::getLast)
                .orElse("exit " + ran.exit());
    }
}
