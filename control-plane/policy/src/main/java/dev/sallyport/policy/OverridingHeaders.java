package dev.sallyport.policy;

import java.util.Set;

/** Headers that make some framework or server act on another method, path or host than those of the request line. In lower case with {@code -}. */
final class OverridingHeaders {
    static final Set<String> NAMES = Frozen.set(Set.of(
            // method: Rails, Symfony, Laravel, Spring, ASP.NET, Google APIs
            "x-http-method",
            "x-http-method-override",
            "x-method-override",
            "x-original-method",
            "x-forwarded-method",
            // path: IIS, Zend, Symfony, Traefik, nginx, Envoy, Spring, NiFi, Knox, WSGI
            "x-original-url",
            "x-original-uri",
            "x-original-path",
            "x-rewrite-url",
            "x-rewrite-uri",
            "x-rewrite-path",
            "x-override-url",
            "x-real-url",
            "x-real-uri",
            "x-request-url",
            "x-request-uri",
            "x-envoy-original-path",
            "x-envoy-original-url",
            "x-forwarded-prefix",
            "x-forwarded-path",
            "x-forwarded-uri",
            "x-forwarded-url",
            "x-forwarded-context",
            "x-proxycontextpath",
            "x-script-name",
            // host: RFC 7239, Spring, Jetty, Django, Drupal
            "forwarded",
            "x-forwarded-host",
            "x-forwarded-server",
            "x-original-host",
            "x-envoy-original-host",
            "x-real-host",
            "x-host",
            "x-proxyhost",
            "x-http-host-override"));

    private static final String[][] BY_LENGTH = byLength();

    private OverridingHeaders() {}

    private static String[][] byLength() {
        int longest = NAMES.stream().mapToInt(String::length).max().orElseThrow();
        String[][] names = new String[longest + 1][];
        for (int i = 0; i <= longest; i++) {
            int length = i;
            names[i] = NAMES.stream().filter(name -> name.length() == length).toArray(String[]::new);
        }
        return names;
    }

    /** Any case, and any mark for {@code -}: CGI and what descends from it make {@code HTTP_X_HOST} of {@code X_Host}, some of {@code X.Host} too. Makes no garbage: asked of every header. */
    static boolean contains(CharSequence headerName) {
        if (headerName.length() >= BY_LENGTH.length) {
            return false;
        }
        for (String name : BY_LENGTH[headerName.length()]) {
            if (same(name, headerName)) {
                return true;
            }
        }
        return false;
    }

    private static boolean same(String name, CharSequence headerName) {
        for (int i = 0; i < name.length(); i++) {
            char c = headerName.charAt(i);
            boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
            boolean digit = c >= '0' && c <= '9';
            if (name.charAt(i) != (letter ? (char) (c | 0x20) : digit ? c : '-')) {
                return false;
            }
        }
        return true;
    }
}
