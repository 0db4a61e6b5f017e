package dev.sallyport.server.issuer;

import com.fasterxml.jackson.databind.JsonNode;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import dev.sallyport.server.issuer.KeyReader.UnusableKeyException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/** A published JSON Web Key Set (RFC 7517 section 5) into the keys that can serve. A bad key is left out and named; a bad document, or one without a good key, is refused whole. */
public final class KeySetReader {
    /** An issuer has two or three; each costs every sidecar memory. */
    static final int KEYS_MAX = 32;

    /** {@code name}: what people call the key; {@code id}: its {@code kid}, {@code ""} for none. */
    private record Read(String name, String id, Outcome outcome) {}

    private sealed interface Outcome {
        record Usable(JWK key) implements Outcome {}

        record Refused(UnusableKeyException why) implements Outcome {}
    }

    private KeySetReader() {}

    /** {@code address} names the document in errors; {@code algorithms} are those that are accepted from this issuer. IOException: none can serve, and why. */
    public static KeySet read(byte[] body, String address, List<String> algorithms) throws IOException {
        JsonNode keys = PublishedJson.object(body, address).path("keys");
        if (!keys.isArray()) {
            throw new IOException(address + ": keys (expected: a list, as of a JSON Web Key Set)");
        }
        if (keys.size() > KEYS_MAX) {
            throw new IOException(address + ": " + keys.size() + " keys (expected: at most " + KEYS_MAX + ")");
        }
        KeyReader reader = new KeyReader(algorithms);
        List<Read> reads = new ArrayList<>();
        for (JsonNode key : keys) {
            String id = PublishedJson.text(key, "kid");
            reads.add(new Read(id.isEmpty() ? "key " + (reads.size() + 1) : Shown.word(id), id, outcome(reader, key)));
        }
        return keySet(reads, address);
    }

    private static Outcome outcome(KeyReader reader, JsonNode key) {
        try {
            return new Outcome.Usable(reader.read(key));
        } catch (UnusableKeyException e) {
            return new Outcome.Refused(e);
        }
    }

    private static KeySet keySet(List<Read> reads, String address) throws IOException {
        Set<String> ambiguous = ambiguous(reads);
        List<JWK> usable = new ArrayList<>();
        List<SkippedKey> skipped = new ArrayList<>();
        for (Read read : reads) {
            switch (read.outcome()) {
                case Outcome.Usable(JWK key) -> {
                    if (ambiguous.contains(read.id())) {
                        skipped.add(new SkippedKey(read.name(), "kid: another key has it too", false));
                    } else {
                        usable.add(key);
                    }
                }
                case Outcome.Refused(UnusableKeyException why) ->
                    skipped.add(new SkippedKey(read.name(), Shown.sentence(why.reason()), why.compromised));
            }
        }
        boolean compromised = skipped.stream().anyMatch(SkippedKey::compromised);
        if (usable.isEmpty()
                && !compromised) { // With one that is: none is an answer, for the last good ones may be the same.
            throw new IOException(address + ": no usable key among " + reads.size()
                    + (skipped.isEmpty()
                            ? ""
                            : ", the first: " + skipped.getFirst().reason()));
        }
        // In one order: replicas of a provider that disagree about it would make a snapshot of every fetch.
        usable.sort(Comparator.comparing((JWK key) -> Objects.requireNonNullElse(key.getKeyID(), ""))
                .thenComparing(JWK::toJSONString));
        return new KeySet(new JWKSet(usable).toString(true), ids(usable), skipped);
    }

    /** Ids that name nothing, because two keys go by them. A compromised key counts: its public half under the same id is the same key. */
    private static Set<String> ambiguous(List<Read> reads) {
        Set<String> seen = new HashSet<>();
        Set<String> twice = new HashSet<>();
        for (Read read : reads) {
            boolean counts = !(read.outcome() instanceof Outcome.Refused(UnusableKeyException why)) || why.compromised;
            if (counts && !read.id().isEmpty() && !seen.add(read.id())) {
                twice.add(read.id());
            }
        }
        return twice;
    }

    static List<String> ids(List<JWK> keys) {
        return keys.stream()
                .map(key -> Objects.requireNonNullElse(key.getKeyID(), ""))
                .toList();
    }
}
