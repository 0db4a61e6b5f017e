package dev.sallyport.proxy.admin;

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
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** What the administrator's pages show, as JSON. There is no secret in it: of keys and certificates serials and fingerprints, of the configuration names of files. */
final class AdminState {
    private final Observed observed;
    private final JsonText.Content configuration;
    private final Instant startedAt;

    AdminState(Observed observed, JsonText.Content configuration) {
        this.observed = observed;
        this.configuration = configuration;
        this.startedAt = observed.clock().instant();
    }

    /** Empty: there is no such page. */
    Optional<Page> page(String path) {
        return switch (path) {
            case "/certs" -> page(this::certificates);
            case "/config_dump" -> page(this::configDump);
            case "/stats" -> page(this::stats);
            case "/server_info" -> page(this::serverInfo);
            case "/connections" -> page(this::connections);
            default -> Optional.empty();
        };
    }

    private static Optional<Page> page(JsonText.Content content) {
        return Optional.of(Page.json(JsonText.object(content)));
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
