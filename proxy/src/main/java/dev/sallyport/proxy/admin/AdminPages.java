package dev.sallyport.proxy.admin;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.sallyport.contract.MeshSnapshot;
import dev.sallyport.document.HostPort;
import dev.sallyport.identity.TrustBundle;
import dev.sallyport.identity.X509Svid;
import dev.sallyport.policy.Reason;
import dev.sallyport.proxy.log.JsonText;
import dev.sallyport.proxy.ship.Shipped;
import dev.sallyport.proxy.snapshot.CompiledSnapshot;
import dev.sallyport.proxy.telemetry.ConnectionMetrics;
import dev.sallyport.proxy.telemetry.Connections;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The administrator's pages, on loopback and under a loopback {@code Host} only. Reading needs no more: there is no secret in any page. A change needs the token of a 0600 file in a
 * header, which no web page can send by itself.
 */
public final class AdminPages implements Pages {
    static final String TOKEN_HEADER = "x-sallyport-admin-token";

    private final Observed observed;
    private final JsonText.Content configuration;
    private final String token;
    private final Runnable drain;
    private final Instant startedAt;

    /** {@code configuration}: the process's own, without secrets; {@code drain} ends the process as a signal would. */
    public AdminPages(Observed observed, JsonText.Content configuration, String token, Runnable drain) {
        this.observed = observed;
        this.configuration = configuration;
        this.token = token;
        this.drain = drain;
        this.startedAt = observed.clock().instant();
    }

    @Override
    public Page page(PageRequest request) {
        if (!request.hostIsLoopback()) {
            return Page.text(403, "Host is not this machine's loopback (expected: localhost or a loopback address)\n");
        }
        if (request.path().equals("/drain")) {
            return drain(request);
        }
        if (!request.get()) {
            return Page.text(405, "GET only\n");
        }
        return switch (request.path()) {
            case "/certs" -> Page.json(JsonText.object(this::certificates));
            case "/config_dump" -> Page.json(JsonText.object(this::configDump));
            case "/stats" -> Page.json(JsonText.object(this::stats));
            case "/server_info" -> Page.json(JsonText.object(this::serverInfo));
            case "/connections" -> Page.json(JsonText.object(this::connections));
            default -> Page.notFound();
        };
    }

    private Page drain(PageRequest request) {
        if (!request.method().equals("POST")) {
            return Page.text(405, "POST only\n");
        }
        // Constant time: a neighbour on this machine must not find the token byte by byte.
        if (request.tokens().size() != 1
                || !MessageDigest.isEqual(request.tokens().getFirst().getBytes(US_ASCII), token.getBytes(US_ASCII))) {
            return Page.text(
                    403,
                    "header " + TOKEN_HEADER
                            + " missing or wrong (expected: the content of admin-token in the state folder)\n");
        }
        drain.run();
        return Page.text(202, "draining\n");
    }

    private void certificates(JsonGenerator json) throws IOException {
        X509Svid svid = observed.member().svid();
        json.writeStringField("id", svid.id().toString());
        json.writeStringField("serial", svid.serial());
        json.writeStringField("notBefore", svid.notBefore().toString());
        json.writeStringField("notAfter", svid.notAfter().toString());
        Optional<Instant> renewAt = observed.member().renewAt();
        if (renewAt.isPresent()) {
            json.writeStringField("renewAt", renewAt.get().toString());
        }
        json.writeBooleanField("revoked", observed.revoked());
        writeCertificates(json, "chain", svid.chain());
        json.writeArrayFieldStart("bundles");
        for (TrustBundle bundle : observed.member().bundles()) {
            json.writeStartObject();
            json.writeStringField("trustDomain", bundle.trustDomain().name());
            writeCertificates(json, "authorities", bundle.authorities());
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private static void writeCertificates(JsonGenerator json, String name, List<X509Certificate> certificates)
            throws IOException {
        json.writeArrayFieldStart(name);
        for (X509Certificate certificate : certificates) {
            json.writeStartObject();
            json.writeStringField("serial", X509Svid.serialOf(certificate));
            json.writeStringField("fingerprint", X509Svid.fingerprintOf(certificate));
            json.writeStringField(
                    "notBefore", certificate.getNotBefore().toInstant().toString());
            json.writeStringField(
                    "notAfter", certificate.getNotAfter().toInstant().toString());
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private void configDump(JsonGenerator json) throws IOException {
        json.writeObjectFieldStart("configuration");
        configuration.writeTo(json);
        json.writeEndObject();
        Optional<CompiledSnapshot> held = observed.snapshots().latest();
        if (held.isEmpty()) {
            return;
        }
        MeshSnapshot snapshot = held.get().snapshot();
        json.writeObjectFieldStart("snapshot");
        json.writeStringField("mesh", snapshot.mesh());
        json.writeStringField("recipient", snapshot.recipient().toString());
        json.writeNumberField("epoch", snapshot.epoch());
        json.writeNumberField("revision", snapshot.revision());
        json.writeStringField("issuedAt", snapshot.issuedAt().toString());
        json.writeStringField("validUntil", snapshot.validUntil().toString());
        json.writeBooleanField("inForce", observed.snapshots().current().isPresent());
        json.writeStringField("digest", snapshot.policy().digest());
        json.writeObjectFieldStart("issuerKeys");
        for (var keys : held.get().issuers().all()) {
            json.writeNumberField(keys.issuer().name(), keys.size());
        }
        json.writeEndObject();
        json.writeObjectFieldStart("endpoints");
        for (Map.Entry<String, List<HostPort>> service :
                snapshot.endpoints().byService().entrySet()) {
            json.writeArrayFieldStart(service.getKey());
            for (HostPort endpoint : service.getValue()) {
                json.writeString(endpoint.toString());
            }
            json.writeEndArray();
        }
        json.writeEndObject();
        json.writeFieldName("documents");
        json.writeRawValue(snapshot.policy().documents()); // our own canonical JSON, parsed once already
        json.writeEndObject();
    }

    private void stats(JsonGenerator json) throws IOException {
        for (Connections.Direction direction : Connections.Direction.values()) {
            json.writeObjectFieldStart(direction.name().toLowerCase(Locale.ROOT));
            json.writeNumberField("active", observed.metrics().active(direction));
            json.writeObjectFieldStart("requests");
            for (Reason reason : Reason.values()) {
                long count = observed.metrics().requests(direction, reason);
                if (count > 0) {
                    json.writeNumberField(reason.code(), count);
                }
            }
            json.writeEndObject();
            json.writeEndObject();
        }
        json.writeNumberField("connectionsRefused", observed.metrics().refusedConnections());
        json.writeObjectFieldStart("connectionsEnded");
        for (ConnectionMetrics.End why : ConnectionMetrics.End.values()) {
            json.writeNumberField(why.word(), observed.metrics().connections().count(why));
        }
        json.writeEndObject();
        json.writeNumberField("certificatesRenewed", observed.member().renewals());
        json.writeNumberField("renewalsFailed", observed.member().renewalFailures());
        json.writeNumberField("snapshotsRefused", observed.member().snapshotsRefused());
        json.writeNumberField("auditRecords", observed.audit().recordsWritten());
        json.writeNumberField("auditRecordsDropped", observed.audit().recordsDropped());
        audit(json);
    }

    private void audit(JsonGenerator json) throws IOException {
        json.writeObjectFieldStart("audit");
        json.writeStringField("stream", observed.audit().streamId());
        json.writeNumberField("durableNumber", observed.audit().durableNumber());
        json.writeNumberField("usedBytes", observed.audit().usedBytes());
        json.writeNumberField("bytesMax", observed.audit().bytesMax());
        if (observed.shipped().isPresent()) {
            Shipped shipped = observed.shipped().get();
            json.writeNumberField("receivedNumber", shipped.received());
            json.writeNumberField("shipped", shipped.records());
            json.writeNumberField("lost", shipped.lost());
            json.writeNumberField(
                    "lagRecords", shipped.lagRecords(observed.audit().durableNumber()));
            json.writeStringField("problem", shipped.problem());
        }
        json.writeEndObject();
    }

    private void serverInfo(JsonGenerator json) throws IOException {
        Instant now = observed.clock().instant();
        json.writeStringField("service", observed.service());
        json.writeStringField("version", observed.version());
        json.writeNumberField("pid", ProcessHandle.current().pid());
        json.writeStringField("java", Runtime.version().toString());
        json.writeStringField("startedAt", startedAt.toString());
        json.writeNumberField("uptimeSeconds", Duration.between(startedAt, now).toSeconds());
        Optional<Boolean> connected = observed.member().connected();
        if (connected.isPresent()) {
            json.writeBooleanField("controlPlaneConnected", connected.get());
        }
    }

    private void connections(JsonGenerator json) throws IOException {
        json.writeArrayFieldStart("connections");
        for (Connections.Open open : observed.connections().list()) {
            json.writeStartObject();
            json.writeStringField("direction", open.direction().name().toLowerCase(Locale.ROOT));
            json.writeStringField("peer", open.peer().toString());
            json.writeStringField("ownSerial", open.ownSerial());
            json.writeStringField("peerSerial", open.peerSerial());
            json.writeStringField("openedAt", open.openedAt().toString());
            json.writeNumberField("requests", open.requests());
            json.writeEndObject();
        }
        json.writeEndArray();
    }
}
