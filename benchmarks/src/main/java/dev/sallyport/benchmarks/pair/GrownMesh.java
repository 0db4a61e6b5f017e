package dev.sallyport.benchmarks.pair;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A mesh of a chosen size, in which service {@code load} calls service {@code backend} as in {@link BenchMesh}: its rules are spread over its routes, and one of the route that is asked allows. In its folder lie certificates, the
 * issuers' keys and the documents.
 *
 * @param token of the user
 */
public record GrownMesh(Path folder, Size size, String token) {
    /** What a mesh has of each. Services with those that call and are called. */
    public record Size(int rules, int routes, int issuers, int services) {
        /** As small as that of the other measurements. */
        public static final Size SMALL = new Size(20, 10, 1, 5);

        public Size {
            within("rules", rules, routes);
            within("routes", routes, 2);
            within("issuers", issuers, 1);
            within("services", services, 4);
        }

        private static void within(String what, int value, int least) {
            if (value < least) {
                throw new IllegalArgumentException(what + ": " + value + " (expected: at least " + least + ")");
            }
        }

        /** Two rules a route. */
        public Size rules(int count) {
            return new Size(count, count / 2, issuers, services);
        }

        public Size routes(int count) {
            return new Size(rules, count, issuers, services);
        }

        public Size issuers(int count) {
            return new Size(rules, routes, count, services);
        }

        public Size services(int count) {
            return new Size(rules, routes, issuers, count);
        }

        /** {@code 20-10-1-5}, as in names of folders. */
        String text() {
            return rules + "-" + routes + "-" + issuers + "-" + services;
        }
    }

    private static final String ISSUER = "https://issuer.bench.example";

    /** Makes everything anew. */
    public static GrownMesh write(Path folder, Size size) throws IOException {
        Certificates.write(folder, List.of(BenchMesh.CALLER, BenchMesh.CALLEE));
        Files.writeString(folder.resolve("mesh.yaml"), documents(size));
        BenchIssuer issuer = BenchIssuer.create();
        for (String name : issuerNames(size)) {
            Files.writeString(folder.resolve(name + ".jwks"), issuer.jwks());
        }
        return new GrownMesh(folder, size, issuer.token(ISSUER, "alice", "customer"));
    }

    /** By their names in the Mesh; the first one has the user. */
    List<String> issuers() {
        return issuerNames(size);
    }

    /** {@code GET /bytes/N}, whole. */
    public String request(long bytes) {
        return "GET /bytes/" + bytes + " HTTP/1.1\r\n" + headers() + "\r\n";
    }

    /** Header lines of every request. */
    public String headers() {
        return BenchMesh.headers(token);
    }

    private static List<String> issuerNames(Size size) {
        List<String> names = new ArrayList<>(List.of(BenchMesh.ISSUER_NAME));
        for (int i = 1; i < size.issuers; i++) {
            names.add("issuer" + i);
        }
        return names;
    }

    static String documents(Size size) {
        StringBuilder text = new StringBuilder("""
            apiVersion: sallyport.dev/v1
            kind: Mesh
            metadata: {name: bench}
            spec:
              trustDomain: bench.example
              issuers:
            """);
        for (String name : issuerNames(size)) {
            String url = name.equals(BenchMesh.ISSUER_NAME) ? ISSUER : ISSUER + "/" + name;
            line(text, 4, "%s: {issuer: \"%s\", audiences: [bench], algorithms: [ES256], roles: roles}", name, url);
        }
        line(text, 2, "services:");
        for (String name : services(size)) {
            line(text, 4, "%s: {identity: \"%s\", ports: {8080: http}}", name, BenchMesh.identity(name));
        }
        text.append("""
            ---
            apiVersion: sallyport.dev/v1
            kind: RoutePolicy
            metadata: {name: backend}
            spec:
              service: backend
              routes:
            """);
        routes(size, text);
        return text.toString();
    }

    /** One line a route: a file of documents has no more than a mebibyte. */
    private static void routes(Size size, StringBuilder text) {
        for (int route = 0; route < size.routes; route++) {
            boolean asked = route == size.routes / 2;
            // The rest of an uneven division goes to the route that is asked: whoever tries all its rules pays for
            // them.
            int rules = size.rules / size.routes + (asked ? size.rules % size.routes : 0);
            List<String> allow = new ArrayList<>();
            for (int rule = 0; rule < rules - 1; rule++) {
                allow.add("a%d: {from: [%s], user: {issuer: bench, anyRole: [r%d]}}"
                        .formatted(rule, other(size, route + rule), rule));
            }
            allow.add("load: {from: [load], user: {issuer: bench, anyRole: [customer, operator]}}");
            line(
                    text,
                    4,
                    "r%d: {match: \"GET /%s/{n}\", audit: buffered, allow: {%s}}",
                    route,
                    asked ? "bytes" : "other" + route,
                    String.join(", ", allow));
        }
    }

    private static List<String> services(Size size) {
        List<String> names = new ArrayList<>(List.of(BenchMesh.CALLER, BenchMesh.CALLEE));
        for (int i = 0; i < size.services - 2; i++) {
            names.add(other(size, i));
        }
        return names;
    }

    /** One that never calls. */
    private static String other(Size size, int number) {
        return "other" + number % (size.services - 2);
    }

    private static void line(StringBuilder text, int indent, String format, Object... values) {
        text.append(" ".repeat(indent))
                .append(String.format(Locale.ROOT, format, values))
                .append('\n');
    }
}
