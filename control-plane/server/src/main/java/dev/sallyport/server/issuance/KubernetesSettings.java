package dev.sallyport.server.issuance;

import dev.sallyport.document.Fields;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/**
 * {@code kubernetes:} in the configuration: whose service account tokens count. {@code issuer}: the cluster's, as in its tokens; {@code audience}: this mesh's own; {@code jwksFile}:
 * the cluster's public keys ({@code kubectl get --raw /openid/v1/jwks}); {@code identities}: service of the Mesh by {@code namespace/serviceaccount}, for those that do not have the
 * identity {@code spiffe://<trust domain>/ns/<namespace>/sa/<serviceaccount>}.
 */
public record KubernetesSettings(String issuer, String audience, Path jwksFile, Map<String, String> identities) {
    /** A token for it opens the cluster's API: whoever asks pods for such tokens collects its credentials. */
    private static final String API_SERVER = "https://kubernetes.default.svc";

    private static final Pattern ACCOUNT = Pattern.compile("[a-z0-9.-]{1,63}/[a-z0-9.-]{1,253}");
    private static final String CODE_VALUE = "SP0013";

    public KubernetesSettings {
        identities = Map.copyOf(identities);
    }

    /** {@code path}: from the text of a path to the path. Problems are added to those of {@code fields}. */
    public static KubernetesSettings read(Fields fields, UnaryOperator<Path> path) {
        KubernetesSettings settings = new KubernetesSettings(
                fields.text("issuer"),
                fields.text("audience"),
                path.apply(Path.of(fields.text("jwksFile"))),
                fields.namedTexts("identities"));
        if (settings.audience.equals(settings.issuer) || settings.audience.startsWith(API_SERVER)) {
            fields.problem(
                    "audience",
                    CODE_VALUE,
                    settings.audience
                            + " (expected: an audience of this mesh alone, as sallyport.shop.example; tokens for the API server are its credentials)");
        }
        settings.identities.keySet().stream()
                .filter(account -> !ACCOUNT.matcher(account).matches())
                .forEach(account -> fields.problem(
                        "identities", CODE_VALUE, account + " (expected: namespace/serviceaccount: service)"));
        fields.done();
        return settings;
    }
}
