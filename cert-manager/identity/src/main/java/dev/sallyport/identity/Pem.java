package dev.sallyport.identity;

import dev.sallyport.identity.SvidRejectedException.Reason;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;

/** RFC 7468 text encoding, strict: all blocks parse or none do; nothing but white space stands between them. */
public final class Pem {
    /** A bundle of many roots fits; a mistaken path to a log or an archive does not. */
    private static final int MAX_LENGTH = 1 << 20;

    private static final String BEGIN = "-----BEGIN ";
    private static final String END = "-----END ";
    private static final String DASHES = "-----";
    private static final Base64.Encoder BASE64 = Base64.getMimeEncoder(64, new byte[] {'\n'});

    private Pem() {}

    /** At least one certificate, in the order of the text. */
    public static List<X509Certificate> certificates(String pem) throws SvidRejectedException {
        List<X509Certificate> certificates = new ArrayList<>();
        for (byte[] der : blocks(pem, "CERTIFICATE")) {
            certificates.add(certificate(der));
        }
        return List.copyOf(certificates);
    }

    /** Exactly one EC key as PKCS#8 ({@code PRIVATE KEY}), not encrypted. */
    public static PrivateKey privateKey(String pem) throws SvidRejectedException {
        List<byte[]> keys = blocks(pem, "PRIVATE KEY");
        try {
            if (keys.size() != 1) {
                throw new SvidRejectedException(
                        Reason.UNTRUSTED, "PEM: " + keys.size() + " private keys (expected: one)");
            }
            return KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(keys.getFirst()));
        } catch (GeneralSecurityException e) {
            if (e instanceof SvidRejectedException rejected) {
                throw rejected;
            }
            // The cause is left out: its message could quote the key.
            throw new SvidRejectedException(
                    Reason.UNTRUSTED, "PEM: private key does not parse (expected: PKCS#8 of an EC key)");
        } finally {
            keys.forEach(key -> Arrays.fill(key, (byte) 0));
        }
    }

    /** {@code CERTIFICATE} blocks, in the order of the list. */
    public static String encode(List<X509Certificate> certificates) {
        var pem = new StringBuilder();
        for (X509Certificate certificate : certificates) {
            pem.append(encode("CERTIFICATE", der(certificate)));
        }
        return pem.toString();
    }

    /** PKCS#8 PEM of a private key; for a 0600 file only. */
    public static String encode(PrivateKey key) {
        byte[] pkcs8 = key.getEncoded();
        try {
            return encode("PRIVATE KEY", pkcs8);
        } finally {
            Arrays.fill(pkcs8, (byte) 0);
        }
    }

    /** {@code -----BEGIN label-----} with 64-character lines. */
    public static String encode(String label, byte[] der) {
        return BEGIN + label + DASHES + '\n' + BASE64.encodeToString(der) + '\n' + END + label + DASHES + '\n';
    }

    /** A certificate's bytes; one that was parsed can always be encoded. */
    static byte[] der(X509Certificate certificate) {
        try {
            return certificate.getEncoded();
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException("a parsed certificate has its encoding", e);
        }
    }

    static X509Certificate certificate(byte[] der) throws SvidRejectedException {
        try {
            var input = new ByteArrayInputStream(der);
            if (CertificateFactory.getInstance("X.509").generateCertificate(input)
                            instanceof X509Certificate certificate
                    && input.available() == 0
                    && Arrays.equals(certificate.getEncoded(), der)) {
                return certificate;
            }
            throw new SvidRejectedException(
                    Reason.UNTRUSTED, "PEM: bytes after the certificate (expected: one per block)");
        } catch (CertificateException e) {
            throw e instanceof SvidRejectedException rejected
                    ? rejected
                    : new SvidRejectedException(
                            Reason.UNTRUSTED,
                            "PEM: certificate does not parse: " + Shown.of(String.valueOf(e.getMessage()))
                                    + " (expected: X.509 in DER)");
        }
    }

    private static List<byte[]> blocks(String pem, String label) throws SvidRejectedException {
        String what = label.toLowerCase(Locale.ROOT);
        if (pem.length() > MAX_LENGTH) {
            throw new SvidRejectedException(
                    Reason.UNTRUSTED, "PEM: " + pem.length() + " characters (expected: <= " + MAX_LENGTH + ")");
        }
        List<byte[]> blocks = new ArrayList<>();
        StringBuilder body = null;
        int number = 0;
        for (String line : pem.lines().toList()) {
            number++;
            String text = line.stripTrailing();
            if (body == null) {
                if (text.equals(BEGIN + label + DASHES)) {
                    body = new StringBuilder();
                } else if (!text.isEmpty()) {
                    // The line is not quoted: in a file of keys it could be one.
                    throw malformed(number, BEGIN + label + DASHES);
                }
            } else if (text.equals(END + label + DASHES)) {
                blocks.add(base64(body, number, what));
                body = null;
            } else {
                body.append(text);
            }
        }
        if (body != null) {
            throw malformed(number, END + label + DASHES);
        }
        if (blocks.isEmpty()) {
            throw new SvidRejectedException(Reason.MISSING, "PEM: no " + what + " (expected: at least one)");
        }
        return blocks;
    }

    private static byte[] base64(StringBuilder body, int line, String what) throws SvidRejectedException {
        try {
            byte[] der = Base64.getDecoder().decode(body.toString().getBytes(StandardCharsets.ISO_8859_1));
            if (der.length > 0) {
                return der;
            }
        } catch (IllegalArgumentException e) {
            // Falls through to one message for both, which quotes nothing.
        }
        throw malformed(line, "base64 of a " + what + " before it");
    }

    private static SvidRejectedException malformed(int line, String expected) {
        return new SvidRejectedException(Reason.UNTRUSTED, "PEM: line " + line + " (expected: " + expected + ")");
    }
}
