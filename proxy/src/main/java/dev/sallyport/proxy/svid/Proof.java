package dev.sallyport.proxy.svid;

import dev.sallyport.contract.JoinFile;
import dev.sallyport.contract.Wire;
import dev.sallyport.identity.CertificateSigningRequest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.util.Optional;

/** What an enrolment brings to prove whose sidecar it is. Never in a log or a message. */
sealed interface Proof {
    /** The message for this key. IOException: the proof cannot be read now; the message says which file. */
    Wire.Enrolment request(KeyPair key, String instance) throws IOException;

    /** The join file's token, or, when it has none, the pod's own. Empty: there is neither. */
    static Optional<Proof> of(JoinFile join, Optional<Path> serviceAccountTokenFile) {
        if (!join.token().isEmpty()) {
            return Optional.of(new JoinToken(join.token()));
        }
        return serviceAccountTokenFile.map(ServiceAccountToken::new);
    }

    /** From a join file; good for one key. */
    record JoinToken(String token) implements Proof {
        @Override
        public Wire.Enrolment request(KeyPair key, String instance) {
            return new Wire.Enrolment(Wire.JOIN_TOKEN, token, CertificateSigningRequest.pem(key), instance);
        }

        @Override
        public String toString() {
            return "JoinToken";
        }
    }

    /** A projected service account token of Kubernetes, read each time: the kubelet replaces it before it ends. */
    record ServiceAccountToken(Path file) implements Proof {
        private static final int BYTES_MAX = 16 * 1024;

        @Override
        public Wire.Enrolment request(KeyPair key, String instance) throws IOException {
            return new Wire.Enrolment(Wire.KUBERNETES, read(), CertificateSigningRequest.pem(key), instance);
        }

        private String read() throws IOException {
            String expected = " (expected: a projected service account token with the audience of this mesh)";
            try {
                if (Files.size(file) > BYTES_MAX) {
                    throw new IOException("longer than " + BYTES_MAX + " bytes");
                }
                return Files.readString(file, StandardCharsets.US_ASCII).strip();
            } catch (IOException e) {
                throw new IOException(
                        "controlPlane.serviceAccountTokenFile: " + file + ": " + e.getMessage() + expected, e);
            }
        }
    }
}
