package dev.sallyport.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CertificateSigningRequestTest {
    /** Repeated, since the length of an ECDSA signature varies. */
    @RepeatedTest(20)
    void anotherReaderOfPkcs10FindsKeyAndNothingElse() throws Exception {
        KeyPair keys = CertificateSigningRequest.newKeyPair();
        byte[] der = CertificateSigningRequest.der(keys);
        var request = new PKCS10CertificationRequest(der);
        assertThat(request.isSignatureValid(new JcaContentVerifierProviderBuilder().build(keys.getPublic())))
                .isTrue();
        assertThat(request.getSubject().getRDNs()).isEmpty();
        assertThat(request.getAttributes()).isEmpty();
        assertThat(request.getSubjectPublicKeyInfo().getEncoded())
                .isEqualTo(keys.getPublic().getEncoded());
        assertThat(request.toASN1Structure().getEncoded(ASN1Encoding.DER))
                .as("DER, byte for byte")
                .isEqualTo(der);
    }

    @Test
    void otherKeysAreRefused() throws Exception {
        KeyPairGenerator rsa = KeyPairGenerator.getInstance("RSA");
        rsa.initialize(2048);
        KeyPair keys = rsa.generateKeyPair();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CertificateSigningRequest.der(keys))
                .withMessageContaining("P-256");
    }

    @Test
    void opensslVerifiesIt(@TempDir Path folder) throws Exception {
        assumeTrue(
                Stream.of(System.getenv("PATH").split(":"))
                        .anyMatch(entry -> Files.isExecutable(Path.of(entry, "openssl"))),
                "skipped: no openssl on PATH");
        Path file = folder.resolve("request.pem");
        Files.writeString(file, CertificateSigningRequest.pem(CertificateSigningRequest.newKeyPair()));
        Process openssl = new ProcessBuilder("openssl", "req", "-verify", "-noout", "-in", file.toString())
                .redirectErrorStream(true)
                .start();
        String output = new String(openssl.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(openssl.waitFor(10, TimeUnit.SECONDS)).isTrue();
        assertThat(openssl.exitValue()).as(output).isZero();
    }
}
