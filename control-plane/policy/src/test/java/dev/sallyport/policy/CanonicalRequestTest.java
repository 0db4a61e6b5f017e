package dev.sallyport.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CanonicalRequestTest {
    @Test
    void plainRequestIsItself() throws RequestRejectedException {
        CanonicalRequest request = of("POST", "/charges/c-x?a=b&c=%2f", "Payment.Shop.Example:8080");

        assertThat(request)
                .isEqualTo(new CanonicalRequest(
                        "POST",
                        "payment.shop.example",
                        OptionalInt.of(8080),
                        "/charges/c-x",
                        Optional.of("a=b&c=%2f")));
        assertThat(request.target()).isEqualTo("/charges/c-x?a=b&c=%2f");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/",
                "/a",
                "/a/",
                "/a/b.c/d..e/...",
                "/.well-known/x",
                "/~a_b-c.d",
                "/!$&'()*+,=:@",
                "/*",
                "/a%20b",
                "/%20a",
                "/%22%3C%3E%5E%60%7B%7C%7D",
                "/caf%C3%A9",
                "/caf%c3%a9",
                "/%E2%82%AC/%F0%9F%98%80",
                "/100%25",
                "/100%25zz",
                "/%253",
                "/admin%23",
                "/admin%3f",
                "/a:b@c",
                "/v1/books:list"
            })
    void pathThatEveryParserReadsAlikeIsKeptByteForByte(String path) throws RequestRejectedException {
        assertThat(of("GET", path, "a").target()).isEqualTo(path);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "admin",
                "*",
                "//admin",
                "//admin/secret",
                "/a//b",
                "/a//",
                "/.",
                "/..",
                "/./admin",
                "/../admin",
                "/x/../admin",
                "/public/../admin",
                "/x/..",
                "/x/.",
                "/x/../",
                "/%61dmin",
                "/%41",
                "/%7e",
                "/%2D",
                "/x/%2e%2E/admin",
                "/x/.%2e/admin",
                "/x/%2e./admin",
                "/%2e/admin",
                "/admin%2fu",
                "/%2fadmin",
                "/%2Fadmin",
                "/x%2f..%2fadmin",
                "/a%2f..%2fadmin",
                "/x%2F%2E%2E%2Fadmin",
                "/%5cadmin",
                "/x%5C..%5Cadmin",
                "/x\\..\\admin",
                "/\\admin",
                "\\admin",
                "/%252e%252e%252fadmin",
                "/%252E",
                "/x%255cadmin",
                "/%2500",
                "/a%00",
                "/a%00.png",
                "/a%0a",
                "/a%0d%0aX: y",
                "/a%1f",
                "/a%7f",
                "/%zz",
                "/%",
                "/%2",
                "/%u2215admin",
                "/%u002e%u002e/admin",
                "/a%",
                "/%g0",
                "/%c0%ae%c0%ae/admin",
                "/%c0%af",
                "/%c0%2f",
                "/%c1%9c",
                "/%e0%80%af",
                "/%e0%80%ae",
                "/%f0%80%80%af",
                "/%f8%80%80%80%af",
                "/%fc%80%80%80%80%af",
                "/%ff",
                "/%80",
                "/%c3",
                "/%c3a",
                "/%e2%82",
                "/%ed%a0%80",
                "/%f4%90%80%80",
                "/%c2%85",
                "/%ef%bc%8fadmin",
                "/%ef%bc%8e%ef%bc%8e/admin",
                "/%ef%bd%81dmin",
                "/x/..%e2%81%84admin",
                "/x%e2%88%95admin",
                "/x%e2%88%96admin",
                "/%e2%80%a4",
                "/%ef%bf%bd",
                "/admin;x=1",
                "/admin;",
                "/public/..;/admin",
                "/;/admin",
                "/a;x=1/..;y/admin",
                "/admin;v=1",
                "/./;a/admin",
                "/x/..%3b/admin",
                "/admin%3bx",
                "/x/..%20/admin",
                "/x/%20../admin",
                "/x/.%20/admin",
                "/x/.%20./admin",
                "/x/%20.%20.%20/admin",
                "/x/%bf%bf",
                "/x/%fc%bf%bf%bf",
                "/admin#x",
                "/user/profile#section1",
                "/admin?x#y",
                "#",
                "/a b",
                "/a\tb",
                "/a\u0001b",
                "/a\nb",
                "/a\rb",
                "/a\u0000b",
                "/caf\u00e9",
                "/\uff41dmin",
                "/a\u007fb",
                "/a\"b",
                "/a<b>",
                "/a^b",
                "/a`b",
                "/a{b}",
                "/a|b",
                "/a[b]",
                "/a?x=\u00e9",
                "/a?x= y",
                "/a?x=\u0000",
                "http://other/admin",
                "http://a:81/admin",
                "http://a@b/admin",
                "http://u@a/admin",
                "http://a",
                "http://a?x",
                "http:///admin",
                "http://a//admin",
                "HTTP://a/admin",
                "https://a/admin",
                "ftp://a/admin",
                "a:80",
                "/x/..\u00c0\u00af/admin"
            })
    void pathThatTwoParsersCouldReadDifferentlyIsRefused(String target) {
        assertThatExceptionOfType(RequestRejectedException.class)
                .isThrownBy(() -> of("GET", target, "a"))
                .satisfies(rejected -> assertThat(rejected.reason()).isEqualTo(Reason.PATH_REJECTED))
                .satisfies(rejected -> assertThat(rejected.getMessage()).matches("[ -~]+"));
    }

    @Test
    void absoluteFormOfTheSameAuthorityIsTheOriginForm() throws RequestRejectedException {
        assertThat(of("GET", "http://A.Example.:80/x?y", "a.example:80").target())
                .isEqualTo("/x?y");
    }

    @Test
    void emptyQueryIsKept() throws RequestRejectedException {
        assertThat(of("GET", "/a?", "a").target()).isEqualTo("/a?");
        assertThat(of("GET", "/a?b?c", "a").query()).hasValue("b?c");
    }

    @ParameterizedTest
    @CsvSource({
        "Httpbin.Foo,httpbin.foo,-1",
        "httpbin.foo.,httpbin.foo,-1",
        "httpbin.foo:8080,httpbin.foo,8080",
        "httpbin.foo.:8080,httpbin.foo,8080",
        "xn--bcher-kva.example,xn--bcher-kva.example,-1",
        "127.0.0.1:1,127.0.0.1,1",
        "[::1]:80,[0:0:0:0:0:0:0:1],80",
        "[0:0::1],[0:0:0:0:0:0:0:1],-1",
        "a_b,a_b,-1"
    })
    void hostsThatMeanTheSameAreTheSame(String host, String authority, int port) throws RequestRejectedException {
        CanonicalRequest request = of("GET", "/", host);

        assertThat(request.authority()).isEqualTo(authority);
        assertThat(request.port()).isEqualTo(port < 0 ? OptionalInt.empty() : OptionalInt.of(port));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "a b",
                " a",
                "a ",
                "a,b",
                "a, b",
                "u@a",
                "u:p@a",
                "a/b",
                "a?b",
                "a#b",
                "a\\b",
                "a:",
                "a:0",
                "a:080",
                "a:+80",
                "a:65536",
                "a:80:80",
                "a:http",
                "a..b",
                "a..",
                ".",
                ".a",
                "-a",
                "a%2eb",
                "a%00",
                "b\u00fccher",
                "\uff41",
                "127.1",
                "0177.0.0.1",
                "0x7f000001",
                "2130706433",
                "127.0.0.1.1",
                "::1",
                "[::1",
                "[::1]80",
                "[::1]x",
                "[fe80::1%eth0]",
                "[fe80::1%25eth0]",
                "[::ffff:1.2.3.4]",
                "[a]",
                "a\u0000",
                "a\r\nb"
            })
    void hostThatTwoParsersCouldReadDifferentlyIsRefused(String host) {
        assertThatExceptionOfType(RequestRejectedException.class)
                .isThrownBy(() -> of("GET", "/", host))
                .satisfies(rejected -> assertThat(rejected.reason()).isEqualTo(Reason.PATH_REJECTED));
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "POST", "M-SEARCH", "PROPFIND", "X", "VERSION-CONTROL", "A_B9"})
    void upperCaseTokenIsAMethod(String method) throws RequestRejectedException {
        assertThat(of(method, "/", "a").method()).isEqualTo(method);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "get",
                "Get",
                "GEt",
                " GET",
                "GET ",
                "GET\t",
                "GET /admin HTTP/1.1",
                "G\u0000T",
                "G\u00cbT",
                "*",
                "9GET",
                "-GET",
                "CONNECT",
                "GET:",
                "ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFG"
            })
    void anythingElseIsNoMethod(String method) {
        assertThatExceptionOfType(RequestRejectedException.class).isThrownBy(() -> of(method, "/", "a"));
    }

    @Test
    void targetOf8KibIsAcceptedAndOneByteMoreIsNot() throws RequestRejectedException {
        String longest = "/" + "a".repeat(8191);

        assertThat(of("GET", longest, "a").path()).hasSize(8192);
        assertThatExceptionOfType(RequestRejectedException.class).isThrownBy(() -> of("GET", longest + "a", "a"));
        assertThatExceptionOfType(RequestRejectedException.class)
                .isThrownBy(() -> of("GET", "/a/..".repeat(10_000), "a"));
    }

    @ParameterizedTest
    @CsvSource({
        "X-HTTP-Method-Override,true",
        "x-http-method-override,true",
        "X_HTTP_METHOD_OVERRIDE,true",
        "x-Http_Method,true",
        "X-Method-Override,true",
        "X-Original-URL,true",
        "X-Rewrite-URL,true",
        "X-Forwarded-Prefix,true",
        "X-Forwarded-Host,true",
        "X.Forwarded.Host,true",
        "Forwarded,true",
        "X-Forwarded-Server,true",
        "x-envoy-original-path,true",
        "x-rewrite-url2,false",
        "xx-rewrite-url,false",
        "x-forwarded-hosts,false",
        "Forwarder,false",
        "X-Request-Id,false",
        "X-Forwarded-For,false",
        "Host,false",
        "x-,false",
        "x,false"
    })
    void headersThatChangeWhatIsActedOnAreKnown(String name, boolean overrides) {
        assertThat(CanonicalRequest.overrides(name)).isEqualTo(overrides);
    }

    @Test
    void everyOverridingHeaderIsRefusedUnlessItIsRelaxedByItsName() {
        Relaxations prefix = new Relaxations(false, false, false, Set.of("x-forwarded-prefix"));

        assertThat(CanonicalRequest.overridingHeaders())
                .contains("x-forwarded-prefix", "x-original-url", "forwarded")
                .allMatch(Relaxations.NONE::refuses)
                .allMatch(name -> prefix.refuses(name.toUpperCase(Locale.ROOT).replace('-', '_')))
                .filteredOn(name -> !prefix.refuses(name))
                .containsExactly("x-forwarded-prefix");
        assertThat(prefix.refuses("X-Forwarded-Prefix")).isFalse();
        assertThat(prefix.refuses("X_Forwarded_Prefix")).isTrue();
        assertThat(prefix.refuses("x-forwarded-for")).isFalse();
    }

    @Test
    void onlyTheBytesBetweenTheOffsetsAreRead() throws RequestRejectedException {
        byte[] head = bytes("\0POST /charges%2?x HTTP/1.1\r\nHost: payment:80\r\n\r\n");

        CanonicalRequest request = CanonicalRequest.of(head, 1, 5, 6, 14, 35, 42, Relaxations.NONE);

        assertThat(request).isEqualTo(new CanonicalRequest("POST", "payment", "/charges", Optional.empty()));
        assertThat(request.method()).isSameAs("POST");
        assertThatExceptionOfType(RequestRejectedException.class)
                .isThrownBy(() -> CanonicalRequest.of(head, 1, 5, 6, 15, 35, 42, Relaxations.NONE));
        assertThatExceptionOfType(RequestRejectedException.class)
                .isThrownBy(() -> CanonicalRequest.of(head, 0, 5, 6, 14, 35, 42, Relaxations.NONE));
        assertThatExceptionOfType(RequestRejectedException.class)
                .isThrownBy(() -> CanonicalRequest.of(head, 1, 5, 6, 14, 35, 43, Relaxations.NONE));
    }

    @Test
    void hostThatWasParsedBeforeGivesTheSameRequest() throws RequestRejectedException {
        byte[] head = bytes("GET http://a.example:80/x?y HTTP/1.1");
        Authority host = Authority.parse(bytes("A.Example.:80"), 0, 13);

        CanonicalRequest request = CanonicalRequest.of(head, 0, 3, 4, 27, host, Relaxations.NONE);

        assertThat(request).isEqualTo(of("GET", "http://a.example:80/x?y", "A.Example.:80"));
        assertThat(host).hasToString("a.example:80");
        assertThat(CanonicalRequest.originStart(head, 4, 27)).isEqualTo(23);
        assertThat(CanonicalRequest.originStart(head, 23, 27)).isEqualTo(23);
        Authority other = new Authority("a.example", OptionalInt.empty());
        assertThatExceptionOfType(RequestRejectedException.class)
                .isThrownBy(() -> CanonicalRequest.of(head, 0, 3, 4, 27, other, Relaxations.NONE));
    }

    @Test
    void usualRequestMakesNoMoreThan200BytesOfGarbage() throws RequestRejectedException {
        byte[] head = bytes("POST /charges/ch_123/refunds?x=1 HTTP/1.1");
        Authority host = new Authority("payment", OptionalInt.of(8080));
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        int times = 100_000;
        long before = 0;
        for (int i = -times; i < times; i++) { // the first half compiles it
            before = i == 0 ? threads.getCurrentThreadAllocatedBytes() : before;
            CanonicalRequest.of(head, 0, 4, 5, 32, host, Relaxations.NONE);
        }

        assertThat((threads.getCurrentThreadAllocatedBytes() - before) / times).isLessThanOrEqualTo(200);
    }

    private static CanonicalRequest of(String method, String target, String host) throws RequestRejectedException {
        return CanonicalRequest.of(bytes(method), bytes(target), bytes(host));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
