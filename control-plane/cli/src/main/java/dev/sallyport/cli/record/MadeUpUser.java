package dev.sallyport.cli.record;

import dev.sallyport.cli.CliException;
import dev.sallyport.cli.Durations;
import dev.sallyport.cli.ExitCode;
import dev.sallyport.policy.Mesh;
import dev.sallyport.policy.User;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import picocli.CommandLine.TypeConversionException;

/** A user on the command line: {@code issuer=shop,sub=alice,roles=a|b,scopes=a|b,claims.dept=x,age=5m}. */
final class MadeUpUser {
    private static final String FORM = "issuer=NAME,sub=NAME[,roles=a|b][,scopes=a|b][,claims.NAME=VALUE][,age=5m]";
    private static final String CLAIMS = "claims.";

    private MadeUpUser() {}

    /** The claims' types are those that the issuer declares; another claim reaches no rule and is refused. */
    static User parse(String text, Mesh mesh, Instant now) throws CliException {
        Map<String, String> given = new TreeMap<>();
        for (String part : text.split(",", -1)) {
            int equals = part.indexOf('=');
            String key = equals < 0 ? part : part.substring(0, equals);
            boolean known = List.of("issuer", "sub", "roles", "scopes", "age").contains(key) || key.startsWith(CLAIMS);
            if (equals < 0 || !known || given.put(key, part.substring(equals + 1)) != null) {
                throw new CliException(ExitCode.USAGE, "--user: " + Cut.of(part) + " (expected: " + FORM + ")");
            }
        }
        String issuerName = given.getOrDefault("issuer", "");
        Mesh.Issuer issuer = mesh.issuers().get(issuerName);
        if (issuer == null) {
            throw MadeUpRequest.unknown(
                    "--user: issuer", issuerName, mesh.issuers().keySet());
        }
        Map<String, Object> claims = new TreeMap<>();
        for (Map.Entry<String, String> entry : given.entrySet()) {
            if (entry.getKey().startsWith(CLAIMS)) {
                String name = entry.getKey().substring(CLAIMS.length());
                claims.put(name, claim(issuer, name, entry.getValue()));
            }
        }
        return new User(
                issuerName,
                given.getOrDefault("sub", ""),
                list(given.getOrDefault("roles", "")),
                list(given.getOrDefault("scopes", "")),
                claims,
                now.minus(age(given.getOrDefault("age", "0s"))),
                Instant.MAX);
    }

    /** Of the token. */
    private static Duration age(String text) throws CliException {
        try {
            return new Durations().convert(text);
        } catch (TypeConversionException e) {
            throw new CliException(ExitCode.USAGE, "--user: age: " + e.getMessage());
        }
    }

    private static Object claim(Mesh.Issuer issuer, String name, String value) throws CliException {
        Mesh.ClaimType type = issuer.claims().get(name);
        if (type == null) {
            throw MadeUpRequest.unknown("--user: claim", name, issuer.claims().keySet());
        }
        return switch (type) {
            case STRING -> value;
            case STRINGS -> list(value);
            case BOOL -> {
                if (!value.equals("true") && !value.equals("false")) {
                    throw new CliException(
                            ExitCode.USAGE,
                            "--user: " + CLAIMS + name + ": " + Cut.of(value) + " (expected: true or false)");
                }
                yield Boolean.valueOf(value);
            }
            case INT -> {
                if (!value.matches("-?\\d{1,18}")) {
                    throw new CliException(
                            ExitCode.USAGE,
                            "--user: " + CLAIMS + name + ": " + Cut.of(value) + " (expected: a whole number)");
                }
                yield Long.valueOf(value);
            }
        };
    }

    private static List<String> list(String text) {
        return text.isEmpty() ? List.of() : List.of(text.split("\\|", -1));
    }
}
