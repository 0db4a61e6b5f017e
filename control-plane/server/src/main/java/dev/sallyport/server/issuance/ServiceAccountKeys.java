package dev.sallyport.server.issuance;

import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import dev.sallyport.server.issuer.KeySet;
import dev.sallyport.server.issuer.KeySetReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.text.ParseException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The cluster's public keys in a file, read again when the file is another; while a new one cannot be read, the last good one counts. Any thread; blocks. */
final class ServiceAccountKeys {
    private static final Logger log = LoggerFactory.getLogger(ServiceAccountKeys.class);
    private static final long BYTES_MAX = 1 << 20;
    static final List<String> ALGORITHMS = List.of("RS256", "ES256");

    /** Which file it is: a mounted ConfigMap is replaced as a whole, behind a symbolic link. */
    private record Stamp(FileTime modified, long size, String fileKey) {}

    private record Read(Stamp stamp, Map<String, JWK> byId) {}

    private final Path file;
    private volatile Read read;

    /** IOException: the file cannot be read, or holds no key that can serve. */
    ServiceAccountKeys(Path file) throws IOException {
        this.file = file;
        if (!Files.isReadable(file)) {
            throw new IOException("kubernetes.jwksFile: " + file
                    + " (expected: a file that can be read, from: kubectl get --raw /openid/v1/jwks)");
        }
        Stamp stamp = stamp();
        this.read = new Read(stamp, keys());
    }

    /** The key of this id. */
    Optional<JWK> key(String id) {
        return Optional.ofNullable(current().get(id));
    }

    private Map<String, JWK> current() {
        try {
            Stamp stamp = stamp();
            return stamp.equals(read.stamp()) ? read.byId() : readAgain(stamp);
        } catch (IOException e) {
            return readAgain(new Stamp(FileTime.fromMillis(0), -1, ""));
        }
    }

    private synchronized Map<String, JWK> readAgain(Stamp stamp) {
        if (stamp.equals(read.stamp())) {
            return read.byId(); // by another thread in the meantime
        }
        Map<String, JWK> keys = read.byId();
        try {
            keys = keys();
            log.info("kubernetes.jwksFile: {} read again, {} keys", file, keys.size());
        } catch (IOException e) {
            // Said once for each change of the file: the stamp is remembered with the old keys.
            log.error("kubernetes.jwksFile: the last good keys still count: {}", e.getMessage());
        }
        read = new Read(stamp, keys);
        return keys;
    }

    private Stamp stamp() throws IOException {
        BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
        return new Stamp(attributes.lastModifiedTime(), attributes.size(), Objects.toString(attributes.fileKey(), ""));
    }

    private Map<String, JWK> keys() throws IOException {
        String name = "kubernetes.jwksFile: " + file;
        if (Files.size(file) > BYTES_MAX) {
            throw new IOException(name + ": too long (expected: at most " + BYTES_MAX + " bytes)");
        }
        KeySet set = KeySetReader.read(Files.readAllBytes(file), name, ALGORITHMS);
        set.skipped().forEach(key -> log.warn("{}: key {} does not count: {}", name, key.key(), key.reason()));
        try {
            // Without an id no token can name it.
            return JWKSet.parse(set.jwks()).getKeys().stream()
                    .filter(key -> key.getKeyID() != null)
                    .collect(Collectors.toUnmodifiableMap(JWK::getKeyID, Function.identity()));
        } catch (ParseException e) {
            throw new IOException(name + ": " + e.getMessage(), e);
        }
    }
}
