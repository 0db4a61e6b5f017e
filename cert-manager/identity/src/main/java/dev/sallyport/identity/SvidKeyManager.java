package dev.sallyport.identity;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Stream;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * Answers every handshake with the newest SVID; the alias is its serial, so that a caching factory of tcnative never serves an old one.
 *
 * <p>The previous SVID stays known for handshakes that chose it just before a rotation. Only EC is answered, and the
 * issuers that a peer names are not looked at: there is one identity to show. Any thread.
 */
public final class SvidKeyManager extends X509ExtendedKeyManager {
    private static final String EC = "EC";

    private final SvidSource source;

    /** Replaced as a whole, under this object's lock, when the source shows a newer SVID. */
    private volatile Held held = new Held(Optional.empty(), Optional.empty());

    /** {@code source} is read at each handshake. */
    public SvidKeyManager(SvidSource source) {
        this.source = source;
    }

    @Override
    public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
        return aliases(keyType);
    }

    @Override
    public @Nullable String chooseClientAlias(
            String[] keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return alias(keyType);
    }

    @Override
    public @Nullable String chooseEngineClientAlias(
            String[] keyType, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
        return alias(keyType);
    }

    @Override
    public String @Nullable [] getServerAliases(String keyType, Principal @Nullable [] issuers) {
        return aliases(keyType);
    }

    @Override
    public @Nullable String chooseServerAlias(String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return alias(keyType);
    }

    @Override
    public @Nullable String chooseEngineServerAlias(
            String keyType, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
        return alias(keyType);
    }

    @Override
    public X509Certificate @Nullable [] getCertificateChain(String alias) {
        return find(alias)
                .map(svid -> svid.chain().toArray(X509Certificate[]::new))
                .orElse(null);
    }

    @Override
    public @Nullable PrivateKey getPrivateKey(String alias) {
        return find(alias).map(X509Svid::privateKey).orElse(null);
    }

    private @Nullable String alias(String... keyTypes) {
        return Arrays.asList(keyTypes).contains(EC)
                ? newest().current().map(X509Svid::serial).orElse(null)
                : null;
    }

    private String @Nullable [] aliases(String keyType) {
        String alias = alias(keyType);
        return alias == null ? null : new String[] {alias};
    }

    private Optional<X509Svid> find(String alias) {
        Held now = newest();
        return Stream.of(now.current(), now.previous())
                .flatMap(Optional::stream)
                .filter(svid -> svid.serial().equals(alias))
                .findFirst();
    }

    private Held newest() {
        Optional<X509Svid> svid = source.svid();
        Held before = held;
        return before.current().equals(svid) ? before : advance();
    }

    private synchronized Held advance() {
        // Read again under the lock: a thread that was late must not put an older SVID back.
        Optional<X509Svid> svid = source.svid();
        if (!held.current().equals(svid)) {
            held = new Held(svid, held.current());
        }
        return held;
    }

    private record Held(Optional<X509Svid> current, Optional<X509Svid> previous) {}
}
