package dev.sallyport.contract;

import dev.sallyport.document.HostPort;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;

/** The messages between sidecar and control plane, as JSON objects with camelCase fields; strict on reading, at most 1 MiB except frames. */
public final class Wire {
    /** Of every message but {@link Down}, so that a server can refuse a longer body unread. */
    public static final int BYTES_MAX = 1024 * 1024;

    /** A token of this control plane, bound to one identity; the first key that uses it binds it. */
    public static final String JOIN_TOKEN = "join-token";

    /** A projected token of a Kubernetes service account, with the audience of this mesh. */
    public static final String KUBERNETES = "kubernetes";

    /** {@code code} of the problem (403) that refuses a renewal because the identity must be proven anew, by the method of the first enrolment. */
    public static final String ATTEST_AGAIN = "attest-again";

    private Wire() {}

    /**
     * To {@link MeshNames#ENROL_PATH}. {@code method} says what kind of proof {@code token} is ({@link #JOIN_TOKEN}, {@link #KUBERNETES}); {@code instance} is the sidecar's own stable
     * random id.
     */
    public record Enrolment(String method, String token, String csrPem, String instance) {
        @Override
        public String toString() {
            return "Enrolment[" + method + " " + instance + "]";
        }
    }

    /** To {@link MeshNames#RENEW_PATH}, over mTLS with the current certificate. */
    public record Renewal(String csrPem, String instance) {}

    /** The answer to both: chain leaf first as PEM, and when to ask again. */
    public record Issued(String chainPem, Instant renewAt, Instant serverTime) {}

    /** Opens a stream. {@code revision} and {@code epoch} are those of the snapshot held, -1 without one; {@code advertise} is where others reach this sidecar's inbound. */
    public record Hello(
            String instance, HostPort advertise, long epoch, long revision, String certificateSerial, String version) {}

    /** {@code digest}: of the policy section; {@code refused} present makes it a nack and says why. */
    public record Ack(
            String instance,
            long epoch,
            long revision,
            String digest,
            String certificateSerial,
            Instant at,
            Optional<String> refused) {}

    /**
     * To {@link MeshNames#KEY_WANTED_PATH}: a token of this issuer, by its name in the Mesh, named a key that the snapshot does not have. Which key it named does not travel: that is a
     * stranger's text.
     */
    public record KeyWanted(String instance, String issuer) {}

    /** To {@link MeshNames#CANARY_PATH}, over mTLS: a short-lived leaf of {@code authority}, which is to sign soon, for the asker's own identity. Answered by {@link Issued}. */
    public record CanaryRequest(String csrPem, String instance, String authority) {}

    /** To {@link MeshNames#CANARY_RESULT_PATH}: whether the canary of {@code authority} passed a test handshake in both roles; {@code refused} says why not. */
    public record CanaryResult(String instance, String authority, Optional<String> refused) {}

    /** The answer to a {@link SealedBatch}: every record of {@code stream} up to number {@code through} is durable in the collector's log. */
    public record Receipt(String stream, long through) {}

    /** The other answer (409): the collector continues {@code stream} at number {@code expected}; what it was sent begins later. */
    public record Gap(String stream, long expected) {}

    /** What the control plane sends down the stream. */
    public sealed interface Down {
        /** {@code keyList} is the compact JWS of {@link KeyList}. */
        record Snapshot(String keyList, SignedSnapshot snapshot) implements Down {}

        /** Get a new certificate now; {@code reason} for the log. */
        record Rotate(String reason) implements Down {}

        /** Try a canary of {@code authority} now, and say what came of it. */
        record Try(String authority) implements Down {}

        record Heartbeat(Instant serverTime) implements Down {}
    }

    /** JSON of any message above; a {@link Down} carries {@code "type": "snapshot" | "rotate" | "try" | "heartbeat"}. IllegalArgumentException for anything else. */
    public static byte[] encode(Object message) {
        JsonText json = new JsonText();
        switch (message) {
            case Enrolment m ->
                json.field("method", m.method())
                        .field("token", m.token())
                        .field("csr", m.csrPem())
                        .field("instance", m.instance());
            case Renewal m -> json.field("csr", m.csrPem()).field("instance", m.instance());
            case Issued m ->
                json.field("chain", m.chainPem()).field("renewAt", m.renewAt()).field("serverTime", m.serverTime());
            case Hello m ->
                json.field("instance", m.instance())
                        .field("advertise", m.advertise().toString())
                        .field("epoch", m.epoch())
                        .field("revision", m.revision())
                        .field("certificateSerial", m.certificateSerial())
                        .field("version", m.version());
            case Ack m -> {
                json.field("instance", m.instance())
                        .field("epoch", m.epoch())
                        .field("revision", m.revision())
                        .field("digest", m.digest())
                        .field("certificateSerial", m.certificateSerial())
                        .field("at", m.at());
                m.refused().ifPresent(reason -> json.field("refused", reason));
            }
            case KeyWanted m -> json.field("instance", m.instance()).field("issuer", m.issuer());
            case CanaryRequest m ->
                json.field("csr", m.csrPem()).field("instance", m.instance()).field("authority", m.authority());
            case CanaryResult m -> {
                json.field("instance", m.instance()).field("authority", m.authority());
                m.refused().ifPresent(reason -> json.field("refused", reason));
            }
            case Receipt m -> json.field("stream", m.stream()).field("through", m.through());
            case Gap m -> json.field("stream", m.stream()).field("expected", m.expected());
            case Down.Snapshot m ->
                json.field("type", "snapshot")
                        .field("keyList", m.keyList())
                        .field("payload", new String(m.snapshot().payload(), StandardCharsets.UTF_8))
                        .field("signature", m.snapshot().signature());
            case Down.Rotate m -> json.field("type", "rotate").field("reason", m.reason());
            case Down.Try m -> json.field("type", "try").field("authority", m.authority());
            case Down.Heartbeat m -> json.field("type", "heartbeat").field("serverTime", m.serverTime());
            default -> throw new IllegalArgumentException(message.getClass().getName() + ": not a message");
        }
        return json.toBytes();
    }

    public static Enrolment enrolment(byte[] json) throws InvalidMessageException {
        JsonObject m = read("enrolment", json);
        return done(m, new Enrolment(m.text("method"), m.text("token"), m.text("csr"), m.text("instance")));
    }

    public static Renewal renewal(byte[] json) throws InvalidMessageException {
        JsonObject m = read("renewal", json);
        return done(m, new Renewal(m.text("csr"), m.text("instance")));
    }

    public static Issued issued(byte[] json) throws InvalidMessageException {
        JsonObject m = read("issued", json);
        return done(m, new Issued(m.text("chain"), m.instant("renewAt"), m.instant("serverTime")));
    }

    public static Hello hello(byte[] json) throws InvalidMessageException {
        JsonObject m = read("hello", json);
        return done(
                m,
                new Hello(
                        m.text("instance"),
                        m.hostPort("advertise"),
                        m.number("epoch", -1),
                        m.number("revision", -1),
                        m.text("certificateSerial"),
                        m.text("version")));
    }

    public static Ack ack(byte[] json) throws InvalidMessageException {
        JsonObject m = read("ack", json);
        return done(
                m,
                new Ack(
                        m.text("instance"),
                        m.number("epoch", -1),
                        m.number("revision", -1),
                        m.text("digest"),
                        m.text("certificateSerial"),
                        m.instant("at"),
                        m.optionalText("refused")));
    }

    public static KeyWanted keyWanted(byte[] json) throws InvalidMessageException {
        JsonObject m = read("key wanted", json);
        return done(m, new KeyWanted(m.text("instance"), m.text("issuer")));
    }

    public static CanaryRequest canaryRequest(byte[] json) throws InvalidMessageException {
        JsonObject m = read("canary request", json);
        return done(m, new CanaryRequest(m.text("csr"), m.text("instance"), m.text("authority")));
    }

    public static CanaryResult canaryResult(byte[] json) throws InvalidMessageException {
        JsonObject m = read("canary result", json);
        return done(m, new CanaryResult(m.text("instance"), m.text("authority"), m.optionalText("refused")));
    }

    public static Receipt receipt(byte[] json) throws InvalidMessageException {
        JsonObject m = read("receipt", json);
        return done(m, new Receipt(m.text("stream"), m.number("through", 0)));
    }

    public static Gap gap(byte[] json) throws InvalidMessageException {
        JsonObject m = read("gap", json);
        return done(m, new Gap(m.text("stream"), m.number("expected", 1)));
    }

    public static Down down(byte[] json) throws InvalidMessageException {
        JsonObject m =
                JsonObject.parse("stream message", json, Frames.MAX_BYTES).version();
        String type = m.text("type");
        return switch (type) {
            case "snapshot" ->
                done(
                        m,
                        new Down.Snapshot(
                                m.text("keyList"),
                                new SignedSnapshot(
                                        m.text("payload").getBytes(StandardCharsets.UTF_8), m.text("signature"))));
            case "rotate" -> done(m, new Down.Rotate(m.text("reason")));
            case "try" -> done(m, new Down.Try(m.text("authority")));
            case "heartbeat" -> done(m, new Down.Heartbeat(m.instant("serverTime")));
            default -> throw m.wrong("type", "another word", "snapshot, rotate, try or heartbeat");
        };
    }

    private static JsonObject read(String what, byte[] json) throws InvalidMessageException {
        return JsonObject.parse(what, json, BYTES_MAX).version();
    }

    private static <T> T done(JsonObject object, T message) throws InvalidMessageException {
        object.done();
        return message;
    }
}
