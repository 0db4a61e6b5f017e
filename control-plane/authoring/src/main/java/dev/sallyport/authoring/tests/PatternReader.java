package dev.sallyport.authoring.tests;

import dev.sallyport.authoring.tests.PolicyTest.Pattern;
import dev.sallyport.document.Fields;
import dev.sallyport.document.HostPort;
import dev.sallyport.policy.PathTemplate;
import java.util.Optional;

/** Reads a set of requests: {@code POST /charges/{id}}, {@code * /admin/**}, {@code grpc pkg.Service/Method}, {@code tcp 5432}. */
final class PatternReader {
    private static final String ANY = "*";

    private PatternReader() {}

    /** Every request, with a problem, when there is none to read. */
    static Pattern read(Fields fields, String key) {
        String text = fields.text(key);
        int blank = text.indexOf(' ');
        String first = blank < 0 ? "" : text.substring(0, blank);
        String rest = text.substring(blank + 1);
        if (first.equals("tcp") && port(rest).isPresent()) {
            return new Pattern.Tcp(port(rest).get());
        }
        try {
            Optional<String> method = first.equals(ANY) ? Optional.empty() : Optional.of(first);
            return first.equals("grpc")
                    ? new Pattern.Http(Optional.of("POST"), PathTemplate.parse("/" + rest))
                    : new Pattern.Http(method, PathTemplate.parse(first.isEmpty() ? "" : rest));
        } catch (IllegalArgumentException invalid) {
            if (!text.isEmpty()) {
                fields.problem(
                        key,
                        Codes.REQUEST,
                        text
                                + " (expected: METHOD /path, as POST /charges/{id} or * /admin/**, grpc pkg.Service/Method,"
                                + " or tcp PORT)");
            }
            return new Pattern.Http(Optional.empty(), PathTemplate.parse("/**"));
        }
    }

    /** 1..65535. */
    static Optional<Integer> port(String text) {
        int port = HostPort.port(text);
        return port > 0 ? Optional.of(port) : Optional.empty();
    }
}
