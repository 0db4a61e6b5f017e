package dev.sallyport.identity;

import java.io.ByteArrayOutputStream;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;

/** A PKCS#10 request with an empty subject and no extensions, in our own DER. RFC 2986; the authority ignores names anyway. */
public final class CertificateSigningRequest {
    private static final int INTEGER = 0x02;
    private static final int BIT_STRING = 0x03;
    private static final int OBJECT_IDENTIFIER = 0x06;
    private static final int SEQUENCE = 0x30;
    private static final int ATTRIBUTES = 0xa0;

    /** 1.2.840.10045.4.3.2, ecdsa-with-SHA256. RFC 5758 section 3.2. */
    private static final byte[] ECDSA_WITH_SHA256 = {0x2a, (byte) 0x86, 0x48, (byte) 0xce, 0x3d, 0x04, 0x03, 0x02};

    private CertificateSigningRequest() {}

    /** A fresh P-256 key pair from the platform's strongest generator. */
    public static KeyPair newKeyPair() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform of this version has P-256", e);
        }
    }

    /**
     * DER, signed with ecdsa-with-SHA256.
     *
     * @throws IllegalArgumentException if the pair is not one of P-256
     */
    public static byte[] der(KeyPair keyPair) {
        if (!KeyPolicy.isP256(keyPair.getPublic()) || !KeyPolicy.isP256(keyPair.getPrivate())) {
            throw new IllegalArgumentException(
                    "key of the signing request: " + keyPair.getPublic().getAlgorithm() + " (expected: EC P-256)");
        }
        byte[] version = element(INTEGER, new byte[] {0});
        byte[] subject = element(SEQUENCE);
        // The JDK encodes a public key as SubjectPublicKeyInfo already. RFC 5480.
        byte[] info = element(SEQUENCE, version, subject, keyPair.getPublic().getEncoded(), element(ATTRIBUTES));
        byte[] algorithm = element(SEQUENCE, element(OBJECT_IDENTIFIER, ECDSA_WITH_SHA256));
        byte[] signature = element(BIT_STRING, new byte[] {0}, sign(keyPair, info));
        return element(SEQUENCE, info, algorithm, signature);
    }

    /** {@link #der} as PEM, {@code CERTIFICATE REQUEST}. */
    public static String pem(KeyPair keyPair) {
        return Pem.encode("CERTIFICATE REQUEST", der(keyPair));
    }

    private static byte[] sign(KeyPair keyPair, byte[] content) {
        try {
            Signature signature = Signature.getInstance("SHA256withECDSA");
            signature.initSign(keyPair.getPrivate());
            signature.update(content);
            return signature.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("private key: cannot sign (expected: a usable EC P-256 key)", e);
        }
    }

    /** Tag, length, content. A P-256 request stays far below 65,536 bytes, hence three forms of length. X.690 section 8.1.3. */
    private static byte[] element(int tag, byte[]... parts) {
        var content = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            content.writeBytes(part);
        }
        var element = new ByteArrayOutputStream();
        element.write(tag);
        int length = content.size();
        if (length >= 0x100) {
            element.write(0x82);
            element.write(length >> 8);
        } else if (length >= 0x80) {
            element.write(0x81);
        }
        element.write(length);
        element.writeBytes(content.toByteArray());
        return element.toByteArray();
    }
}
