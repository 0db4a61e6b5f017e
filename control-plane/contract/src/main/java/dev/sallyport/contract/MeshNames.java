package dev.sallyport.contract;

import dev.sallyport.identity.TrustDomain;
import java.util.Optional;

/** The names between sidecars, and the paths of the control plane's API for sidecars (design 3.2). */
public final class MeshNames {
    public static final String ALPN_HTTP1 = "http/1.1";

    /** On 15013: join token and CSR in, chain out. */
    public static final String ENROL_PATH = "/v1/enrol";
    /** On 15012: {@link Wire.Hello} in, an endless body of frames ({@link Frames}) out. */
    public static final String STREAM_PATH = "/v1/stream";
    /** On 15012: {@link Wire.Ack} in, 204 out. */
    public static final String ACK_PATH = "/v1/acks";
    /** On 15012: {@link Wire.Renewal} in, {@link Wire.Issued} out. */
    public static final String RENEW_PATH = "/v1/renew";
    /** On 15012: {@link Wire.KeyWanted} in, 204 out, 404 when the Mesh declares no such issuer. */
    public static final String KEY_WANTED_PATH = "/v1/key-wanted";

    public static final String CANARY_PATH = "/v1/canary";
    public static final String CANARY_RESULT_PATH = "/v1/canary-result";
    /** On 15012: {@link SealedBatch} in, {@link Wire.Receipt} out; 409 with {@link Wire.Gap} when records before it are missing. */
    public static final String AUDIT_BATCH_PATH = "/v1/audit/batches";

    private MeshNames() {}

    /** SNI of a destination: {@code 8080.orders.shop.example}. */
    public static String sni(int port, String service, TrustDomain trustDomain) {
        return port + "." + service + "." + trustDomain.name();
    }

    /** The declared port and service that an SNI names, when it is of this trust domain and well formed. */
    public static Optional<Destination> parseSni(String sni, TrustDomain trustDomain) {
        int dot = sni.indexOf('.');
        String suffix = "." + trustDomain.name();
        if (dot < 1 || !sni.endsWith(suffix) || sni.length() - suffix.length() <= dot) {
            return Optional.empty();
        }
        String service = sni.substring(dot + 1, sni.length() - suffix.length());
        int port = port(sni.substring(0, dot));
        return port > 0 && serviceName(service) ? Optional.of(new Destination(service, port)) : Optional.empty();
    }

    /** One spelling a port: digits without a leading zero. */
    private static int port(String digits) {
        if (digits.length() > 5 || digits.charAt(0) == '0') {
            return -1;
        }
        int port = 0;
        for (int i = 0; i < digits.length(); i++) {
            char c = digits.charAt(i);
            if (c < '0' || c > '9') {
                return -1;
            }
            port = port * 10 + (c - '0');
        }
        return port <= 65_535 ? port : -1;
    }

    private static boolean serviceName(String text) {
        return !text.isEmpty()
                && text.chars().allMatch(c -> (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-');
    }

    /** A service's declared port. */
    public record Destination(String service, int port) {}
}
