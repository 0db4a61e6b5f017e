package dev.sallyport.authority;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Key pairs by curve or algorithm, and number. Those of RSA take long to find: each is made once. */
final class Keys {
    private static final Map<String, KeyPair> MADE = new ConcurrentHashMap<>();

    private Keys() {}

    /** {@code kind}: {@code secp256r1} and other curves, {@code RSA} of 2048 bits, {@code Ed25519}. */
    static KeyPair of(String kind, int number) {
        return MADE.computeIfAbsent(kind + number, _ -> pair(kind));
    }

    private static KeyPair pair(String kind) {
        boolean curve = kind.startsWith("secp");
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(curve ? "EC" : kind);
            if (curve) {
                generator.initialize(new ECGenParameterSpec(kind));
            } else if (kind.equals("RSA")) {
                generator.initialize(2048);
            }
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }
}
