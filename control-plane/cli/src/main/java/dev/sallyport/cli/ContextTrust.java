package dev.sallyport.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.identity.SpiffeId;
import dev.sallyport.identity.SvidPublisher;
import dev.sallyport.identity.SvidRejectedException;
import dev.sallyport.identity.SvidVerifier;
import dev.sallyport.identity.TrustBundle;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.TrustManager;

/**
 * Whom the command line believes: the context's trust bundle, and what a control plane that it believes says follows it. So a context that is used now and then lives through any
 * number of rotated roots. Any thread.
 */
final class ContextTrust {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final AdminContext context;
    private final Optional<Path> file;
    private final SvidPublisher bundles = new SvidPublisher();
    private TrustBundle held; // guarded by this

    /** {@code file} is kept up to date, if there is one. */
    ContextTrust(AdminContext context, Optional<Path> file) throws SvidRejectedException {
        this.context = context;
        this.file = file;
        this.held = context.trustBundle();
        bundles.publishBundles(List.of(held));
    }

    TrustManager manager() {
        SvidVerifier verifier = new SvidVerifier(bundles.source(), Clock.systemUTC());
        return new ControlPlaneTrustManager(verifier, SpiffeId.controlPlane(context.trustDomain()));
    }

    /** Whether {@code digest} is of another bundle than the one held. */
    synchronized boolean differs(String digest) {
        return !digest.equals(held.digest());
    }

    /**
     * Believes {@code pem} from now on; what could not be done about it, a sentence. It must share a root with the one held: whoever speaks with a certificate of our roots may add to
     * them and take from them, and has no reason to replace them all at once.
     */
    synchronized Optional<String> follow(String pem) {
        try {
            TrustBundle next = TrustBundle.ofPem(context.trustDomain(), pem);
            if (next.authorities().stream().noneMatch(held.authorities()::contains)) {
                return Optional.of("its new trust bundle shares no root with the context's; it is not taken");
            }
            bundles.publishBundles(List.of(next));
            held = next;
            return file.flatMap(path -> write(path, pem));
        } catch (SvidRejectedException e) {
            return Optional.of("its new trust bundle is refused: " + e.getMessage());
        }
    }

    /** All of the file but the bundle stays as it is. */
    private Optional<String> write(Path path, String pem) {
        try {
            Path real = path.toRealPath();
            if (!(JSON.readTree(Files.readAllBytes(real)) instanceof ObjectNode json)) {
                return Optional.of("context: " + path + ": changed under our feet; its trust bundle is out of date");
            }
            json.put("trustBundle", pem);
            WholeFile.writeSecret(real, (json.toPrettyString() + "\n").getBytes(StandardCharsets.UTF_8), true);
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(
                    "context: " + path
                            + ": cannot be written, and its trust bundle is out of date (expected: a file that this user can write, or the control plane's admin.json copied again)");
        }
    }
}
