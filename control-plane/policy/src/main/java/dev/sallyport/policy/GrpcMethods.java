package dev.sallyport.policy;

import java.util.List;

/** {@code pay.v1.Payments/Charge} or {@code pay.v1.Payments/{method}}: gRPC over HTTP/2, "Path" is {@code /Service-Name/{method name}}. */
final class GrpcMethods {
    private static final int CHARACTERS_MAX = 512;

    private GrpcMethods() {}

    /** The template of {@code POST} requests. Throws IllegalArgumentException with the expectation. */
    static PathTemplate parse(String text) {
        int slash = text.indexOf('/');
        String service = slash < 0 ? "" : text.substring(0, slash);
        String method = text.substring(slash + 1);
        boolean named = List.of(service.split("\\.", -1)).stream().allMatch(GrpcMethods::isIdentifier);
        boolean variable = method.startsWith("{") && method.endsWith("}");
        if (text.length() > CHARACTERS_MAX || !named || (!variable && !isIdentifier(method))) {
            throw new IllegalArgumentException("expected: grpc package.Service/Method, as grpc pay.v1.Payments/Charge,"
                    + " or grpc pay.v1.Payments/{method} for each of its methods");
        }
        return PathTemplate.parse("/" + text);
    }

    /** As Protocol Buffers spell names. */
    private static boolean isIdentifier(String text) {
        return !text.isEmpty()
                && !(text.charAt(0) >= '0' && text.charAt(0) <= '9')
                && text.chars()
                        .allMatch(c ->
                                (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_');
    }
}
