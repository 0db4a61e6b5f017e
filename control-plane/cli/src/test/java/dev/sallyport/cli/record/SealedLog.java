package dev.sallyport.cli.record;

import dev.sallyport.audit.AuditFields;
import dev.sallyport.audit.AuditRecord;
import dev.sallyport.audit.AuditRecord.Direction;
import dev.sallyport.audit.tlog.Checkpoint;
import dev.sallyport.audit.tlog.FolderTileStore;
import dev.sallyport.audit.tlog.KeyType;
import dev.sallyport.audit.tlog.NoteSigner;
import dev.sallyport.audit.tlog.SignedNote;
import dev.sallyport.audit.tlog.TiledLog;
import dev.sallyport.authority.EmbeddedAuthority;
import dev.sallyport.authority.KeyEncryption;
import dev.sallyport.cli.Invocation;
import dev.sallyport.cli.testing.SidecarState;
import dev.sallyport.contract.SealedBatch;
import dev.sallyport.identity.CertificateSigningRequest;
import dev.sallyport.identity.Pem;
import dev.sallyport.identity.SpiffeId;
import dev.sallyport.identity.TrustDomain;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;

/** A small tiled log with everything real: records of a sidecar's log, seals with its SVID's key, the authority's root in front. */
final class SealedLog {
    static final String ORIGIN = "audit.shop.example/shop";

    final NoteSigner key = NoteSigner.generate(ORIGIN, KeyType.ED25519);
    final NoteSigner witness = NoteSigner.generate("auditor.example/w1", KeyType.ML_DSA_44_COSIGNATURE);
    final List<byte[]> leaves = new ArrayList<>();
    private final Path folder;
    private final KeyPair workload = CertificateSigningRequest.newKeyPair();
    private final EmbeddedAuthority authority;
    final String root;
    /** As the log's header has it: a random id stands behind the name. */
    String stream = "";

    SealedLog(Path folder) throws Exception {
        this.folder = folder;
        Clock clock = Clock.fixed(SidecarState.NOW, ZoneOffset.UTC);
        authority = EmbeddedAuthority.open(
                folder.resolve("ca"),
                new TrustDomain("shop.example"),
                KeyEncryption.fromFile(folder.resolve("ca.key")),
                clock);
        root = authority.trustBundle().toPem();
        leaves.add(leaf(AuditFields.EVENT_CA, AuditFields.CERTIFICATE_ROLE, "root", AuditFields.CERTIFICATE, root));
        SidecarState payment = new SidecarState(folder.resolve("payment"), "payment");
        AuditRecord[] records = new AuditRecord[300];
        for (int i = 0; i < records.length; i++) {
            records[i] = new AuditRecord("r" + i, SidecarState.NOW, Direction.INBOUND);
        }
        payment.record(records);
        leaves.addAll(batches(payment.folder.resolve("audit")));
    }

    /** Every line, a seal behind each hundred. */
    private List<byte[]> batches(Path log) throws Exception {
        byte[] text;
        try (var files = Files.list(log)) {
            text = Files.readAllBytes(files.filter(file -> file.toString().endsWith(".audit.jsonl"))
                    .findFirst()
                    .orElseThrow());
        }
        List<String> lines = new String(text, StandardCharsets.US_ASCII)
                .lines()
                .takeWhile(line -> line.startsWith("{"))
                .toList();
        stream = Invocation.JSON
                .readTree(lines.getFirst())
                .path(AuditFields.STREAM_ID)
                .asText();
        List<byte[]> batches = new ArrayList<>();
        String previous = "0".repeat(64);
        for (int at = 0; at < lines.size(); at += 100) {
            List<String> batch = lines.subList(at, Math.min(lines.size(), at + 100));
            batch.forEach(line -> batches.add(line.getBytes(StandardCharsets.US_ASCII)));
            String head = batch.getLast()
                    .substring(batch.getLast().length() - 66, batch.getLast().length() - 2);
            batches.add(seal("payment", at + 1L, at + (long) batch.size(), previous, head));
            previous = head;
        }
        return batches;
    }

    /** By a service account, with a certificate of its own. */
    byte[] seal(String account, long first, long last, String previous, String head) throws Exception {
        SpiffeId id = SpiffeId.parse("spiffe://shop.example/sa/" + account);
        String chain = Pem.encode(authority
                .issue(CertificateSigningRequest.der(workload), id, Duration.ofHours(24))
                .chain());
        byte[] sealed = SealedBatch.seal(
                        stream,
                        first,
                        last,
                        previous,
                        head,
                        new byte[] {'\n'},
                        SidecarState.NOW,
                        chain,
                        workload.getPrivate())
                .seal()
                .toJson();
        String text = new String(
                leaf(AuditFields.EVENT_SEAL, AuditFields.ACTOR_ID, id.toString(), AuditFields.STREAM_ID, stream),
                StandardCharsets.US_ASCII);
        return (text.substring(0, text.length() - 1) + ",\"" + AuditFields.SEAL + "\":"
                        + new String(sealed, StandardCharsets.US_ASCII) + "}")
                .getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] leaf(String event, String... members) throws IOException {
        var json = Invocation.JSON.createObjectNode();
        json.put(AuditFields.TIMESTAMP, "1772446447113000000").put(AuditFields.EVENT_NAME, event);
        for (int i = 0; i < members.length; i += 2) {
            json.put(members[i], members[i + 1]);
        }
        return Invocation.JSON.writeValueAsBytes(json);
    }

    /** Into a folder of this name; {@code signers} sign the checkpoint. */
    Path write(String name, List<byte[]> entries, NoteSigner... signers) throws IOException {
        Path log = folder.resolve(name);
        try (FolderTileStore store = FolderTileStore.open(log)) {
            TiledLog tiled = TiledLog.open(store);
            tiled.append(entries);
            store.write("checkpoint", note(tiled, signers).toBytes());
        }
        return log;
    }

    SignedNote note(TiledLog tiled, NoteSigner... signers) {
        return SignedNote.sign(new Checkpoint(ORIGIN, tiled.tree()).text(), List.of(signers), SidecarState.NOW);
    }

    int indexOf(String text) {
        for (int i = 0; i < leaves.size(); i++) {
            if (new String(leaves.get(i), StandardCharsets.US_ASCII).contains(text)) {
                return i;
            }
        }
        throw new IllegalArgumentException(text);
    }
}
