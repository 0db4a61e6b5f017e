package dev.sallyport.server;

import dev.sallyport.contract.Frames;
import dev.sallyport.contract.InvalidMessageException;
import dev.sallyport.contract.JoinFile;
import dev.sallyport.contract.KeyList;
import dev.sallyport.contract.MeshNames;
import dev.sallyport.contract.MeshSnapshot;
import dev.sallyport.contract.Wire;
import dev.sallyport.document.HostPort;
import dev.sallyport.identity.CertificateSigningRequest;
import dev.sallyport.identity.Pem;
import dev.sallyport.identity.SvidKeyManager;
import dev.sallyport.identity.SvidPublisher;
import dev.sallyport.identity.SvidRejectedException;
import dev.sallyport.identity.SvidTrustManager;
import dev.sallyport.identity.SvidVerifier;
import dev.sallyport.identity.TrustBundle;
import dev.sallyport.identity.X509Svid;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;

/** A sidecar that follows: trusts what its snapshots say and nothing else, tries canaries, renews when it is told to, and comes back by itself. */
final class FollowingSidecar implements AutoCloseable {
    private static final Duration WITHIN = Duration.ofSeconds(10);

    final JoinFile join;
    final String instance = "following-" + System.nanoTime();
    /** What went wrong between this sidecar and a control plane that was there. */
    final List<String> problems = new CopyOnWriteArrayList<>();

    volatile boolean answersCanaries = true;
    volatile boolean renews = true;
    private Optional<KeyPair> pending = Optional.empty();
    private final TestMesh mesh;
    private final HostPort advertise;
    private final SvidPublisher publisher = new SvidPublisher();
    private final CountDownLatch stopped = new CountDownLatch(1);
    private volatile HttpClient client;

    private FollowingSidecar(TestMesh mesh, JoinFile join, HostPort advertise) throws Exception {
        this.mesh = mesh;
        this.join = join;
        this.advertise = advertise;
        publisher.publishBundles(List.of(join.trustBundle()));
        client = client();
    }

    /** Joined, and followed from now on. */
    static FollowingSidecar join(TestMesh mesh, JoinFile join, HostPort advertise) throws Exception {
        FollowingSidecar sidecar = new FollowingSidecar(mesh, join, advertise);
        KeyPair keys = CertificateSigningRequest.newKeyPair();
        byte[] request = Wire.encode(new Wire.Enrolment(
                Wire.JOIN_TOKEN, join.token(), CertificateSigningRequest.pem(keys), sidecar.instance));
        sidecar.hold(sidecar.post(mesh.controlPlane.enrolment(), MeshNames.ENROL_PATH, request), keys);
        Thread.ofVirtual().start(sidecar::follow);
        return sidecar;
    }

    X509Svid svid() {
        return publisher.source().svid().orElseThrow();
    }

    TrustBundle bundle() {
        return publisher.source().bundle(TestMesh.TRUST_DOMAIN).orElseThrow();
    }

    private HttpClient client() throws Exception {
        SSLContext context = SSLContext.getInstance("TLSv1.3");
        context.init(
                new KeyManager[] {new SvidKeyManager(publisher.source())},
                new TrustManager[] {new SvidTrustManager(new SvidVerifier(publisher.source(), Clock.systemUTC()))},
                new SecureRandom());
        return HttpClient.newBuilder()
                .sslContext(context)
                .connectTimeout(WITHIN)
                .build();
    }

    private byte[] post(HostPort address, String path, byte[] body) throws IOException, InterruptedException {
        HttpResponse<byte[]> answer =
                client.send(TestSidecar.post(address, path, body), HttpResponse.BodyHandlers.ofByteArray());
        if (answer.statusCode() >= 300) {
            throw new IOException(path + ": " + answer.statusCode() + " "
                    + new String(answer.body(), java.nio.charset.StandardCharsets.UTF_8));
        }
        return answer.body();
    }

    private void hold(byte[] answer, KeyPair keys) throws Exception {
        publisher.publish(X509Svid.of(Pem.certificates(Wire.issued(answer).chainPem()), keys.getPrivate()));
        client = client(); // A new certificate takes a new connection.
    }

    private void follow() {
        while (stopped.getCount() > 0) {
            ControlPlane asked = mesh.controlPlane;
            try {
                stream(asked.sidecars());
            } catch (Exception e) {
                if (asked.equals(mesh.controlPlane) && !mesh.restarting && stopped.getCount() > 0) {
                    problems.add(e.toString());
                }
            }
            try {
                stopped.await(50, TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private void stream(HostPort address) throws Exception {
        byte[] hello = Wire.encode(new Wire.Hello(instance, advertise, -1, -1, svid().serial(), "test"));
        HttpResponse<InputStream> answer = client.send(
                HttpRequest.newBuilder(TestMesh.uri(address, MeshNames.STREAM_PATH))
                        .POST(HttpRequest.BodyPublishers.ofByteArray(hello))
                        .build(),
                HttpResponse.BodyHandlers.ofInputStream());
        if (answer.statusCode() != 200) {
            throw new IOException("stream: " + answer.statusCode());
        }
        Frames frames = new Frames();
        byte[] buffer = new byte[16 * 1024];
        try (InputStream in = answer.body()) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                for (byte[] message : frames.feed(Arrays.copyOf(buffer, n))) {
                    if (!handled(Wire.down(message), address)) {
                        return;
                    }
                }
            }
        }
    }

    /** False: this stream is at its end. */
    private boolean handled(Wire.Down message, HostPort address) throws Exception {
        switch (message) {
            case Wire.Down.Snapshot down -> apply(down, address);
            case Wire.Down.Try canary -> tryCanary(canary.authority(), address);
            case Wire.Down.Rotate _ -> {
                if (renews) {
                    // Kept until it is answered: a second key for one certificate is what a thief would send.
                    KeyPair next = pending.orElseGet(CertificateSigningRequest::newKeyPair);
                    pending = Optional.of(next);
                    byte[] request = Wire.encode(new Wire.Renewal(CertificateSigningRequest.pem(next), instance));
                    hold(post(address, MeshNames.RENEW_PATH, request), next);
                    pending = Optional.empty();
                    return false;
                }
            }
            case Wire.Down.Heartbeat _ -> {}
        }
        return stopped.getCount() > 0;
    }

    private void apply(Wire.Down.Snapshot down, HostPort address) throws Exception {
        KeyList list = KeyList.verify(down.keyList(), join.rootKeys(), join.mesh());
        MeshSnapshot snapshot = down.snapshot().verify(list, join.mesh(), join.identity());
        Optional<String> refused = Optional.empty();
        try {
            publisher.publishBundles(snapshot.trust().bundles());
        } catch (SvidRejectedException e) {
            refused = Optional.of(String.valueOf(e.getMessage()));
            problems.add("snapshot refused: " + e.getMessage());
        }
        byte[] ack = Wire.encode(new Wire.Ack(
                instance,
                snapshot.epoch(),
                snapshot.revision(),
                snapshot.policy().digest(),
                svid().serial(),
                Instant.now(),
                refused));
        post(address, MeshNames.ACK_PATH, ack);
    }

    private void tryCanary(String authority, HostPort address) throws IOException, InterruptedException {
        if (answersCanaries) {
            Optional<String> refused = canaryProblem(authority, address);
            post(
                    address,
                    MeshNames.CANARY_RESULT_PATH,
                    Wire.encode(new Wire.CanaryResult(instance, authority, refused)));
        }
    }

    private Optional<String> canaryProblem(String authority, HostPort address)
            throws IOException, InterruptedException {
        try {
            KeyPair keys = CertificateSigningRequest.newKeyPair();
            byte[] request =
                    Wire.encode(new Wire.CanaryRequest(CertificateSigningRequest.pem(keys), instance, authority));
            Wire.Issued issued = Wire.issued(post(address, MeshNames.CANARY_PATH, request));
            X509Svid canary = X509Svid.of(Pem.certificates(issued.chainPem()), keys.getPrivate());
            new SvidVerifier(publisher.source(), Clock.systemUTC()).verify(canary.chain());
            return canary.id().equals(svid().id()) ? Optional.empty() : Optional.of("for " + canary.id());
        } catch (SvidRejectedException | InvalidMessageException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    @Override
    public void close() {
        stopped.countDown();
        client.shutdownNow();
    }
}
