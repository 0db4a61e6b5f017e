package dev.sallyport.e2e;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;

/** A small mesh whose control plane copies its record to somebody, and what its log has: what a copy is measured by. */
final class CopiedMesh implements AutoCloseable {
    private static final Duration DEADLINE = Duration.ofSeconds(60);

    private final Mesh mesh;
    private final String things;
    private Running controlPlane;

    private CopiedMesh(Mesh mesh, String things) {
        this.mesh = mesh;
        this.things = things;
        this.controlPlane = mesh.controlPlane;
    }

    /** Both sidecars have joined when it returns. {@code copy}: a copy's settings, as in {@code audit.copies}. */
    static CopiedMesh start(Path folder, String copy) throws IOException {
        Path config =
                Files.writeString(folder.resolve("control-plane.yaml"), "audit: {copies: {desk: " + copy + "}}\n");
        Mesh mesh = Mesh.start(folder, "--config", config.toString());
        Running front = mesh.startFront();
        Running back = mesh.startBack();
        mesh.createToken("front");
        mesh.createToken("back");
        back.ready();
        String things = "http://" + front.ready().at("/upstreams/back").asText() + "/things/";
        await().atMost(DEADLINE).until(() -> Http.send("GET", things + "1", "").status() == 200);
        return new CopiedMesh(mesh, things);
    }

    /** So many requests that are allowed, and one that is not; each leaves a record at either side. */
    void requests(int count) {
        for (int i = 0; i < count; i++) {
            Http.send("GET", things + i, "").expect(200);
        }
        Http.send("DELETE", things + "1", "").expect(403);
    }

    /** Below it is what front may read. */
    String address() {
        return things;
    }

    /** Each entry of the log, oldest first: its exact text. */
    List<String> log() {
        return mesh.command("audit", "export", "--event", "any").lines().toList();
    }

    /** How many of them are of requests. */
    int requestsInLog() {
        return (int)
                mesh.command("audit", "export", "--event", "request").lines().count();
    }

    /** Waits until the log has both sides' records of so many requests more than {@code before}. */
    void awaitLog(int before, int requests) {
        await().atMost(DEADLINE).until(() -> requestsInLog() >= before + 2 * requests);
    }

    void killControlPlane() throws InterruptedException {
        controlPlane.kill();
    }

    /** Again, where sidecars look for it. */
    void startControlPlane() throws IOException {
        controlPlane.close();
        controlPlane = mesh.startControlPlane(
                mesh.controlPlane.text("sidecars"), mesh.controlPlane.text("enrolment"), mesh.controlPlane.text("api"));
        controlPlane.ready();
    }

    String controlPlaneLog() {
        return controlPlane.log();
    }

    /** Of an entry, as copies name it. */
    static String hash(String entry) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(entry.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    @Override
    public void close() throws IOException {
        mesh.close();
        controlPlane.close();
    }
}
