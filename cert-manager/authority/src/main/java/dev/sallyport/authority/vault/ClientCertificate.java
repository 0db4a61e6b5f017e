package dev.sallyport.authority.vault;

import dev.sallyport.identity.Pem;
import dev.sallyport.identity.SvidRejectedException;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/** Our certificate towards Vault, from its two files, read again at each handshake: whoever renews it need not tell us. */
final class ClientCertificate extends X509ExtendedKeyManager {
    private static final String ALIAS = "vault";

    private final Path certificateFile;
    private final Path keyFile;

    private ClientCertificate(Path certificateFile, Path keyFile) {
        this.certificateFile = certificateFile;
        this.keyFile = keyFile;
    }

    /** Both files are read once, so that a wrong one shows at start. */
    static ClientCertificate of(Path certificateFile, Path keyFile) throws IOException {
        var certificate = new ClientCertificate(certificateFile, keyFile);
        certificate.chain();
        certificate.key();
        return certificate;
    }

    private List<X509Certificate> chain() throws IOException {
        try {
            return Pem.certificates(Files.readString(certificateFile));
        } catch (SvidRejectedException e) {
            throw new IOException("certificateFile: " + certificateFile + ": " + e.getMessage());
        }
    }

    private PrivateKey key() throws IOException {
        byte[] pem = SecretFile.bytes(keyFile);
        try {
            return Pem.privateKey(new String(pem, StandardCharsets.US_ASCII));
        } catch (SvidRejectedException e) {
            throw new IOException("keyFile: " + keyFile + ": " + e.getMessage());
        } finally {
            java.util.Arrays.fill(pem, (byte) 0);
        }
    }

    /** Whatever the server lists: Vault asks any certificate of a client, and judges it at login. */
    @Override
    public String chooseEngineClientAlias(
            String @Nullable [] keyType, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
        return ALIAS;
    }

    @Override
    public String chooseClientAlias(
            String @Nullable [] keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return ALIAS;
    }

    @Override
    public X509Certificate @Nullable [] getCertificateChain(String alias) {
        try {
            return chain().toArray(X509Certificate[]::new);
        } catch (IOException e) {
            return null; // the contract's word for none; the login then says what is missing
        }
    }

    @Override
    public @Nullable PrivateKey getPrivateKey(String alias) {
        try {
            return key();
        } catch (IOException e) {
            return null;
        }
    }

    @Override
    public String[] getClientAliases(String keyType, Principal @Nullable [] issuers) {
        return new String[] {ALIAS};
    }

    @Override
    public String @Nullable [] getServerAliases(String keyType, Principal @Nullable [] issuers) {
        return null;
    }

    @Override
    public @Nullable String chooseServerAlias(String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return null;
    }
}
