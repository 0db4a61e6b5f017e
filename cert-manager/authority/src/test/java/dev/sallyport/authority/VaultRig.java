package dev.sallyport.authority;

import dev.sallyport.authority.vault.Heard;
import dev.sallyport.authority.vault.TestVault;
import dev.sallyport.authority.vault.VaultAuth;
import dev.sallyport.identity.CertificateSigningRequest;
import dev.sallyport.identity.SpiffeId;
import dev.sallyport.identity.TrustDomain;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Duration;
import java.util.Map;

/** What the authorities of a real server are tried with: where they keep their files, how they log in, who asks for a leaf. */
abstract class VaultRig implements AutoCloseable {
    static final TrustDomain SHOP = TestVault.TRUST_DOMAIN;
    static final SpiffeId ORDERS = new SpiffeId(SHOP, "/ns/shop/sa/orders");
    static final Duration DAY = Duration.ofHours(24);
    static final Duration SOON = Duration.ofSeconds(20);

    final TestVault vault;
    final Path folder;
    final Path ca;
    final VaultAuth.AppRole login;
    final Heard heard = new Heard();
    final KeyPair keys = CertificateSigningRequest.newKeyPair();
    final byte[] csr = CertificateSigningRequest.der(keys);

    VaultRig(TestVault vault, Path folder, String role) throws Exception {
        this.vault = vault;
        this.folder = folder;
        this.ca = folder.resolve("ca");
        this.login = vault.appRole(role, Map.of("token_ttl", "1h"));
    }

    @Override
    public abstract void close();
}
