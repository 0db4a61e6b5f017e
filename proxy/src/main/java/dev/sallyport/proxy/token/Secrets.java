package dev.sallyport.proxy.token;

import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;

/** Random numbers that nobody guesses. */
public final class Secrets {
    private Secrets() {}

    /** Not the generator that reads a device for each number: an event loop waits for nobody. */
    public static SecureRandom generator() {
        try {
            return SecureRandom.getInstance("DRBG");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK since 9 has DRBG", e);
        }
    }
}
