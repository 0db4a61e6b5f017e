package dev.sallyport.proxy;

import dev.sallyport.identity.SvidPublisher;
import dev.sallyport.proxy.log.Log;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPublicKeySpec;
import java.time.Clock;
import javax.net.ssl.SSLException;

/**
 * The two most expensive parts of a start that depend on no configuration, done beside the main thread while that reads and opens files: together longer than all the rest. Nothing is decided here: what fails fails
 * again where it is needed, and is told there.
 */
final class WarmUp {
    private WarmUp() {}

    /** The first P-256 signature of a process: the JDK computes the table of multiples of the base point, 90 ms where a later signature takes three. */
    static void signatures() {
        beside("warm-up-signatures", () -> {
            try {
                verifyNothing();
            } catch (GeneralSecurityException e) {
                Log.debug("warm-up of signatures failed", "cause", e);
            }
        });
    }

    /**
     * Netty, BoringSSL and what a context takes of the JDK's TLS. After {@code LibraryLogs.install}; to be waited for before anything else of Netty: two threads that initialise classes which need each other could wait
     * for each other for ever.
     */
    static Thread tls() {
        return beside("warm-up-tls", () -> {
            try {
                buildContext();
            } catch (SSLException | LinkageError e) {
                Log.debug("warm-up of TLS failed", "cause", e);
            }
        });
    }

    static void buildContext() throws SSLException {
        new MeshTls(new SvidPublisher().source(), Clock.systemUTC()).close();
    }

    private static Thread beside(String name, Runnable work) {
        return Thread.ofPlatform().name(name).daemon().start(work);
    }

    /** r = s = 1 is in range, so that both multiplications are made, and it is a signature of nothing. The base point is a public key like any other. */
    static boolean verifyNothing() throws GeneralSecurityException {
        AlgorithmParameters parameters = AlgorithmParameters.getInstance("EC");
        parameters.init(new ECGenParameterSpec("secp256r1"));
        ECParameterSpec p256 = parameters.getParameterSpec(ECParameterSpec.class);
        Signature signature = Signature.getInstance("SHA256withECDSAinP1363Format");
        signature.initVerify(
                KeyFactory.getInstance("EC").generatePublic(new ECPublicKeySpec(p256.getGenerator(), p256)));
        byte[] ones = new byte[64];
        ones[31] = 1;
        ones[63] = 1;
        return signature.verify(ones);
    }
}
