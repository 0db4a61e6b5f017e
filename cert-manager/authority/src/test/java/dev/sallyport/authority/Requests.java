package dev.sallyport.authority;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.RSAKeyGenParameterSpec;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1Set;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.pkcs.CertificationRequestInfo;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.ExtensionsGenerator;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;

/** Signing requests that no sidecar of ours would send. */
final class Requests {
    private Requests() {}

    static KeyPair keys(String algorithm, AlgorithmParameterSpec parameters) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
        generator.initialize(parameters);
        return generator.generateKeyPair();
    }

    static KeyPair ec(String curve) throws Exception {
        return keys("EC", new ECGenParameterSpec(curve));
    }

    static KeyPair rsa(int bits) throws Exception {
        return keys("RSA", new RSAKeyGenParameterSpec(bits, RSAKeyGenParameterSpec.F4));
    }

    static byte[] request(KeyPair keys, KeyPair signer, String algorithm) throws Exception {
        return new JcaPKCS10CertificationRequestBuilder(new X500Name("CN=anybody"), keys.getPublic())
                .build(new JcaContentSignerBuilder(algorithm).build(signer.getPrivate()))
                .getEncoded();
    }

    /** DER of a request for any key and with any wishes, signed with ecdsa-with-SHA256 by whoever signs. */
    static byte[] of(SubjectPublicKeyInfo key, ASN1Set attributes, PrivateKey signer) throws Exception {
        return signed(info(key, attributes), signer);
    }

    /** What is signed. */
    static byte[] info(SubjectPublicKeyInfo key, ASN1Set attributes) throws IOException {
        return new CertificationRequestInfo(new X500Name("CN=anybody"), key, attributes).getEncoded(ASN1Encoding.DER);
    }

    /** {@code info} is signed as it stands, whatever it is. */
    static byte[] signed(byte[] info, PrivateKey signer) throws Exception {
        Signature signature = Signature.getInstance("SHA256withECDSA");
        signature.initSign(signer);
        signature.update(info);
        return assembled(info, signature.sign());
    }

    static byte[] assembled(byte[] info, byte[] signature) throws IOException {
        byte[] algorithm = new AlgorithmIdentifier(X9ObjectIdentifiers.ecdsa_with_SHA256).getEncoded();
        return sequence(info, algorithm, new DERBitString(signature).getEncoded());
    }

    /** Of parts that need not be ASN.1. */
    private static byte[] sequence(byte[]... parts) {
        var content = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            content.writeBytes(part);
        }
        int length = content.size();
        var sequence = new ByteArrayOutputStream();
        sequence.write(0x30);
        if (length >= 0x100) {
            sequence.write(0x82);
            sequence.write(length >> 8);
        } else if (length >= 0x80) {
            sequence.write(0x81);
        }
        sequence.write(length);
        sequence.writeBytes(content.toByteArray());
        return sequence.toByteArray();
    }

    /** Asks to be a CA, under names of its choice. */
    static byte[] greedy(KeyPair keys, String... uris) throws Exception {
        var extensions = new ExtensionsGenerator();
        extensions.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
        GeneralName[] names = java.util.Arrays.stream(uris)
                .map(uri -> new GeneralName(GeneralName.uniformResourceIdentifier, uri))
                .toArray(GeneralName[]::new);
        extensions.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(names));
        return new JcaPKCS10CertificationRequestBuilder(new X500Name("CN=payment,O=admin"), keys.getPublic())
                .addAttribute(PKCSObjectIdentifiers.pkcs_9_at_extensionRequest, extensions.generate())
                .build(new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate()))
                .getEncoded();
    }
}
