package dev.sallyport.contract;

import dev.sallyport.document.HostPort;
import dev.sallyport.identity.InvalidSpiffeIdException;
import dev.sallyport.identity.Revocations;
import dev.sallyport.identity.SpiffeId;
import dev.sallyport.identity.SvidRejectedException;
import dev.sallyport.identity.TrustBundle;
import dev.sallyport.identity.TrustDomain;
import dev.sallyport.policy.DocumentSet;
import dev.sallyport.policy.Mesh;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * All that one sidecar knows of its mesh, immutable, in sections. Order is (epoch, revision, issuedAt) and never goes back. {@code recipient} is the sidecar's SPIFFE ID and
 * {@code service} its name.
 */
public record MeshSnapshot(
        String mesh,
        SpiffeId recipient,
        String service,
        long epoch,
        long revision,
        Instant issuedAt,
        Instant validUntil,
        Trust trust,
        Keys keys,
        Revocations revocations,
        Policy policy,
        Endpoints endpoints) {
    /** Where a snapshot stands in the order of its mesh, and until when it counts. */
    public record Edition(long epoch, long revision, Instant issuedAt, Instant validUntil) {}

    /** Bundles, one a trust domain. */
    public record Trust(List<TrustBundle> bundles) {
        public Trust {
            bundles = List.copyOf(bundles);
            if (bundles.stream().map(TrustBundle::trustDomain).distinct().count() != bundles.size()) {
                throw new IllegalArgumentException("bundles: two of one trust domain");
            }
        }
    }

    /** JWKS (JSON text, public keys only) by issuer name of the Mesh; an issuer whose keys are not known yet is absent. */
    public record Keys(SortedMap<String, String> jwksByIssuer) {
        /** Throws IllegalArgumentException for a text that is no JWK Set or holds a secret key. */
        public Keys {
            jwksByIssuer = Collections.unmodifiableSortedMap(new TreeMap<>(jwksByIssuer));
            jwksByIssuer.forEach((issuer, jwks) -> {
                try {
                    PublicKeys.requirePublic("keys", jwks);
                } catch (InvalidMessageException e) {
                    throw new IllegalArgumentException(e.getMessage(), e);
                }
            });
        }
    }

    /** {@code documents} is {@code DocumentSet.toJson()} of what concerns the recipient; {@code digest} its SHA-256 in hex. */
    public record Policy(String documents, String digest) {}

    /** Where each service's sidecars listen; a service without one is absent. */
    public record Endpoints(SortedMap<String, List<HostPort>> byService) {
        public Endpoints {
            var copy = new TreeMap<String, List<HostPort>>();
            byService.forEach((service, endpoints) -> copy.put(service, List.copyOf(endpoints)));
            byService = Collections.unmodifiableSortedMap(copy);
        }

        /** Of each declared service the Mesh's own endpoints, then the {@code further} ones; without duplicates. */
        public static Endpoints of(Mesh mesh, SortedMap<String, List<HostPort>> further) {
            SortedMap<String, List<HostPort>> all = new TreeMap<>();
            mesh.services().forEach((name, service) -> {
                SequencedSet<HostPort> addresses = new LinkedHashSet<>(service.endpoints());
                addresses.addAll(further.getOrDefault(name, List.of()));
                if (!addresses.isEmpty()) {
                    all.put(name, List.copyOf(addresses));
                }
            });
            return new Endpoints(all);
        }
    }

    /** What the sidecars of {@code service} are told: of {@code documents}, whose Mesh declares it, what concerns them. */
    public static MeshSnapshot of(
            DocumentSet documents,
            Mesh.Service service,
            Edition edition,
            Trust trust,
            Revocations revocations,
            Keys keys,
            SortedMap<String, List<HostPort>> furtherEndpoints) {
        DocumentSet concerning = documents.concerning(service.name());
        return new MeshSnapshot(
                documents.mesh().name(),
                service.identity(),
                service.name(),
                edition.epoch(),
                edition.revision(),
                edition.issuedAt(),
                edition.validUntil(),
                trust,
                keys,
                revocations,
                new Policy(concerning.toJson(), concerning.digest()),
                Endpoints.of(documents.mesh(), furtherEndpoints));
    }

    /** Whether this one is newer than {@code other}: (epoch, revision, issuedAt) in that order. */
    public boolean newerThan(MeshSnapshot other) {
        if (epoch != other.epoch) {
            return epoch > other.epoch;
        }
        return revision != other.revision ? revision > other.revision : issuedAt.isAfter(other.issuedAt);
    }

    /** UTF-8 JSON, the exact bytes that are signed. */
    public byte[] toBytes() {
        JsonText json = new JsonText()
                .field("mesh", mesh)
                .field("recipient", recipient.toString())
                .field("service", service)
                .field("epoch", epoch)
                .field("revision", revision)
                .field("issuedAt", issuedAt)
                .field("validUntil", validUntil);
        json.open("trust");
        trust.bundles().forEach(bundle -> json.field(bundle.trustDomain().name(), bundle.toPem()));
        json.close().open("keys");
        keys.jwksByIssuer().forEach(json::field);
        json.close().open("revocations");
        json.field("serials", new TreeSet<>(revocations.serials()))
                .field("identities", new TreeSet<>(revocations.identities()));
        json.close().open("policy");
        json.field("documents", policy.documents()).field("digest", policy.digest());
        json.close().open("endpoints");
        endpoints.byService().forEach(json::field);
        return json.close().toBytes();
    }

    /** Strict: unknown, missing or repeated fields fail the whole, naming the path. */
    public static MeshSnapshot ofBytes(byte[] json) throws InvalidMessageException {
        JsonObject snapshot =
                JsonObject.parse("snapshot", json, Frames.MAX_BYTES).version();
        JsonObject trust = snapshot.object("trust");
        List<TrustBundle> bundles = new ArrayList<>();
        for (String domain : new TreeSet<>(trust.names())) {
            bundles.add(bundle(trust, domain));
        }
        JsonObject keys = snapshot.object("keys");
        SortedMap<String, String> jwks = new TreeMap<>();
        for (String issuer : keys.names()) {
            String text = keys.text(issuer);
            PublicKeys.requirePublic("snapshot.keys." + JsonTree.shown(issuer), text);
            jwks.put(issuer, text);
        }
        JsonObject revocations = snapshot.object("revocations");
        JsonObject policy = snapshot.object("policy");
        JsonObject endpoints = snapshot.object("endpoints");
        SortedMap<String, List<HostPort>> byService = new TreeMap<>();
        for (String service : endpoints.names()) {
            byService.put(service, endpoints.hostPorts(service));
        }
        MeshSnapshot read = new MeshSnapshot(
                snapshot.text("mesh"),
                snapshot.spiffeId("recipient"),
                snapshot.text("service"),
                snapshot.number("epoch", 0),
                snapshot.number("revision", 0),
                snapshot.instant("issuedAt"),
                snapshot.instant("validUntil"),
                new Trust(bundles),
                new Keys(jwks),
                new Revocations(
                        Set.copyOf(revocations.texts("serials")), Set.copyOf(revocations.spiffeIds("identities"))),
                new Policy(policy.text("documents"), policy.text("digest")),
                new Endpoints(byService));
        revocations.done();
        policy.done();
        snapshot.done();
        return read;
    }

    private static TrustBundle bundle(JsonObject trust, String domain) throws InvalidMessageException {
        try {
            return TrustBundle.ofPem(TrustDomain.parse(domain), trust.text(domain));
        } catch (InvalidSpiffeIdException | SvidRejectedException e) {
            throw new InvalidMessageException("snapshot.trust: " + e.getMessage());
        }
    }
}
