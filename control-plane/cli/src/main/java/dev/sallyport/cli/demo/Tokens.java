package dev.sallyport.cli.demo;

import dev.sallyport.cli.CliException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.util.Base64;

/** User tokens: real ones from the issuer, and what others would make of them. */
final class Tokens {
    private final Client client;
    private final String endpoint;

    Tokens(Client client, String endpoint) {
        this.client = client;
        this.endpoint = endpoint;
    }

    /** For ten minutes. */
    String customer(String subject) throws IOException, CliException, InterruptedException {
        return token("sub=" + subject + "&roles=customer&expiresIn=600");
    }

    /** Over for five minutes. */
    String expired(String subject) throws IOException, CliException, InterruptedException {
        return token("sub=" + subject + "&roles=customer&expiresIn=-300");
    }

    private String token(String form) throws IOException, CliException, InterruptedException {
        String token = client.form(endpoint, form).path("access_token").asText();
        if (token.isEmpty()) {
            throw new CliException("issuer: " + endpoint + ": no token");
        }
        return token;
    }

    /** The same header, key id included, and the same claims, signed with a key that is not the issuer's. RFC 7518 section 3.4. */
    static String signedByStranger(String good) {
        String signed = good.substring(0, good.lastIndexOf('.'));
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            Signature signature = Signature.getInstance("SHA256withECDSAinP1363Format");
            signature.initSign(generator.generateKeyPair().getPrivate());
            signature.update(signed.getBytes(StandardCharsets.US_ASCII));
            return signed + "." + base64(signature.sign());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has P-256", e);
        }
    }

    /** The same claims, "signed" with {@code none}. RFC 8725 section 2.1. */
    static String unsigned(String good) {
        String claims = good.substring(good.indexOf('.') + 1, good.lastIndexOf('.'));
        return base64("{\"alg\":\"none\",\"typ\":\"JWT\"}".getBytes(StandardCharsets.US_ASCII)) + "." + claims + ".";
    }

    private static String base64(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    /**
     * A line for a shell that changes the signature of the token in {@code $TOKEN}. The last character of 64 bytes in base64url is one of these four; any other would be no
     * base64url, and refused as that.
     */
    static final String SHELL_OTHER_SIGNATURE = "TOKEN=${TOKEN%.*}.$(printf %s \"${TOKEN##*.}\" | tr AQgw QAwg)";

    /** As {@link #unsigned}, for a shell. */
    static final String SHELL_UNSIGNED =
            "CLAIMS=${TOKEN#*.}; TOKEN=$(printf '{\"alg\":\"none\",\"typ\":\"JWT\"}' | base64 | tr '+/' '-_' | tr -d '=\\n').${CLAIMS%.*}.";

    /** A line for a shell that puts a fresh token of a customer into {@code $TOKEN}; {@code more} fields of the form, {@code &}-separated. */
    String shellVariable(String subject, String more) {
        return "TOKEN=$(curl -s -d 'sub=" + subject + "&roles=customer" + more + "' " + endpoint
                + " | sed 's/.*\"access_token\":\"\\([^\"]*\\)\".*/\\1/')";
    }
}
