package dev.sallyport.authority.setup;

import dev.sallyport.authority.vault.VaultAuth;
import dev.sallyport.authority.vault.VaultSettings;
import java.time.Duration;

/** {@code vault.yaml} again, from settings. */
public final class SettingsText {
    private SettingsText() {}

    /** YAML that reads as {@code settings} from wherever it is put: its paths are absolute. No secrets, only where they are. */
    public static String of(VaultSettings settings) {
        StringBuilder text = new StringBuilder();
        line(text, "address", settings.address());
        settings.caFile().ifPresent(file -> line(text, "caFile", file));
        settings.namespace().ifPresent(namespace -> line(text, "namespace", namespace));
        line(text, "mount", settings.mount());
        line(text, "role", settings.role());
        settings.issuer().ifPresent(issuer -> line(text, "issuer", issuer));
        line(text, "rootMount", settings.rootMount());
        settings.rootIssuer().ifPresent(issuer -> line(text, "rootIssuer", issuer));
        text.append("intermediateLife: ")
                .append(span(settings.intermediateLife()))
                .append('\n');
        text.append("auth:\n");
        switch (settings.auth()) {
            case VaultAuth.AppRole appRole -> {
                method(text, "approle", appRole.mount(), appRole.role());
                line(text, "  roleIdFile", appRole.roleIdFile());
                line(text, "  secretIdFile", appRole.secretIdFile());
                if (appRole.wrapped()) {
                    text.append("  wrapped: true\n");
                }
            }
            case VaultAuth.Jwt jwt -> {
                method(text, "jwt", jwt.mount(), jwt.role());
                line(text, "  jwtFile", jwt.jwtFile());
            }
            case VaultAuth.Certificate certificate -> {
                method(text, "cert", certificate.mount(), certificate.role());
                line(text, "  certificateFile", certificate.certificateFile());
                line(text, "  keyFile", certificate.keyFile());
            }
            case VaultAuth.TokenFile token -> {
                text.append("  method: token\n");
                line(text, "  tokenFile", token.file());
            }
        }
        return text.toString();
    }

    private static void method(StringBuilder text, String method, String mount, String role) {
        line(text, "  method", method);
        line(text, "  mount", mount);
        line(text, "  role", role);
    }

    /** Quoted: a path may hold what YAML would read otherwise. */
    private static void line(StringBuilder text, String key, Object value) {
        String quoted = String.valueOf(value).replace("\\", "\\\\").replace("\"", "\\\"");
        text.append(key).append(": \"").append(quoted).append("\"\n");
    }

    private static String span(Duration span) {
        return span.toSeconds() + "s";
    }
}
