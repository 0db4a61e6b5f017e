package dev.sallyport.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sallyport.audit.AuditRecord;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Attacks 10, 25 to 31 and 34: the method, the path and the host that were judged are the ones that the application reads. Everything below {@code /admin} is denied to the caller. */
@Timeout(30)
class PathAttackTest {
    private static Hop hop;

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        hop = Hop.open(folder, Map.of());
    }

    @AfterAll
    static void stop() {
        hop.close();
    }

    @BeforeEach
    void forget() {
        hop.forget();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "//admin",
                "///admin",
                "/files//admin",
                "/./admin",
                "/files/.",
                "/files/..",
                "/files/../admin",
                "/files/x/../../admin",
                "/..",
                "/../admin",
                "/%61dmin",
                "/%61%64%6d%69%6e",
                "/files/%2e",
                "/files/%2e%2E/admin",
                "/files/.%2e/admin",
                "/admin%2fu",
                "/admin%2Fu",
                "/files%2f..%2fadmin",
                "/files/..%2fadmin",
                "/%5cadmin",
                "/files/..%5Cadmin",
                "/\\admin",
                "/files/..\\admin",
                "/files/%252e%252e%252fadmin",
                "/%2561dmin",
                "/files/%25%32%65",
                "/files/%00",
                "/admin%00.png",
                "/files/%0a",
                "/files/%0d%0aX:%20y",
                "/files/%7f",
                "/files/%zz",
                "/files/%",
                "/files/%4",
                "/files/%u002e",
                "/files/%c0%ae%c0%ae/admin",
                "/files/%c0%af",
                "/files/%e0%80%ae",
                "/files/%f0%80%80%af",
                "/files/%ff",
                "/files/%ed%a0%80",
                "/admin;x=1",
                "/admin;",
                "/files/..;/admin",
                "/;/admin",
                "/files/;a/..;b/admin",
                "/admin#x",
                "/files/#",
                "/files/x?y#z",
                "/files/\u00fc",
                "/\u00c0\u00ae\u00c0\u00ae/admin",
                "/\u00ef\u00bc\u008fadmin",
                "/files/<x>",
                "/files/\"x\"",
                "/files/{x}",
                "/files/x|y",
                "/files/x^y",
                "/files/x`y",
                "*",
                "admin",
                "?/admin",
                "http:/admin",
                "http:///admin",
                "http://orders@other/admin",
                "http://user@orders/files/x",
                "http://orders:/files/x",
                "http://orders:0/files/x",
                "http://orders:99999/files/x",
                "HTTP://orders/files/x",
                "ftp://orders/files/x",
                "http://other/files/x",
                "http://orders/../admin",
                "http://orders//admin",
                "orders/files/x",
            })
    void pathThatTwoParsersCouldReadDifferentlyIsRefused(String target) throws Exception {
        Refusal.PATH.assertOf(hop, Door.head("GET " + target));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "get", "Get", "gET", "GEt", "post",
            })
    void methodInAnotherCaseIsRefused(String method) throws Exception {
        Refusal.PATH.assertOf(hop, Door.head(method + " /files/x"));
    }

    static Stream<String> hosts() {
        return Stream.of(
                "Host: a, b",
                "Host: a@b",
                "Host: orders/admin",
                "Host: orders?x",
                "Host: orders#x",
                "Host: orders:8080:8080",
                "Host: orders:",
                "Host: orders:x",
                "Host: orders:99999",
                "Host: orders:-1",
                "Host: or ders",
                "Host: or\tders",
                "Host: ..",
                "Host: orders..",
                "Host: .orders",
                "Host: [::1",
                "Host: [fe80::1%25eth0]",
                "Host: ord%65rs",
                "Host: \u00fcrders",
                "Host: orders\\x",
                "Host:");
    }

    @ParameterizedTest
    @MethodSource("hosts")
    void hostThatTwoParsersCouldReadDifferentlyIsRefused(String host) throws Exception {
        Refusal.PATH.assertOf(hop, "GET /files/x HTTP/1.1\r\n" + host + "\r\n\r\n");
    }

    @ParameterizedTest(name = "{index}")
    @ValueSource(
            strings = {
                "",
                "Host: orders\r\nHost: orders\r\n",
                "Host: orders\r\nX: y\r\nhOST: other\r\n",
                "Host: orders\r\nHost:\r\n",
                " Host: orders\r\n",
                "Host : orders\r\n",
            })
    void hostIsThereExactlyOnce(String hosts) throws Exception {
        Refusal.FRAMING.assertOf(hop, "GET /files/x HTTP/1.1\r\n" + hosts + "\r\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "X-HTTP-Method-Override: DELETE",
                "x_http_method_override: DELETE",
                "X-HTTP-METHOD: DELETE",
                "X-Method-Override: DELETE",
                "X-Original-URL: /admin",
                "x-original_url: /admin",
                "X-Rewrite-URL: /admin",
                "X-Forwarded-Prefix: /admin",
                "X-Forwarded-Host: other",
                "Forwarded: for=10.0.0.1;host=other",
            })
    void headerThatOverridesWhatWasJudgedIsRefused(String field) throws Exception {
        Refusal.PATH.assertOf(hop, Door.head("GET /files/x", field));
        Refusal.PATH.assertOf(
                hop, Door.head("GET /files/x", "Connection: " + field.substring(0, field.indexOf(':')), field));
    }

    @ParameterizedTest(name = "{index}")
    @MethodSource("largeHeads")
    void headThatIsTooLargeIsRefused(String attack) throws Exception {
        Refusal.TOO_LARGE.assertOf(hop, attack);
    }

    static Stream<String> largeHeads() {
        return Stream.of(
                Door.head("GET /" + "a".repeat(64 * 1024)),
                Door.head("GET /files" + "/a/..".repeat(10_000)),
                Door.head("GET /files/x?" + "a=b&".repeat(3000)),
                Door.head("G".repeat(9000) + " /files/x"));
    }

    @ParameterizedTest
    @CsvSource({
        "/admin, caller_not_allowed",
        "/admin?x, caller_not_allowed",
        "/admin?/files/x, caller_not_allowed",
        "/admin/files/x, caller_not_allowed",
        "http://orders/admin, caller_not_allowed",
        "http://ORDERS:8080/admin?x, caller_not_allowed",
        "/admin%23, no_route",
        "/admin%3f, no_route",
        "/admin%3F/files, no_route",
        "/Admin, no_route",
        "/ADMIN, no_route",
        "/admin., no_route",
        "/admin%20, no_route",
        "/admin/, no_route",
        "/adminx, no_route",
        "/, no_route",
    })
    void pathThatIsDeniedIsDeniedHoweverItIsSaid(String target, String reason) throws Exception {
        String host = target.contains(":8080") ? "orders:8080" : "orders";
        try (RawClient client = hop.inbound()) {
            client.send("GET " + target + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
            assertThat(client.until("}")).startsWith("HTTP/1.1 403 ");
        }
        assertThat(Hop.record(hop.orders).reason).isEqualTo(reason);
        assertThat(hop.application.received()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "/files/a/b, /files/a/b",
        "/files/a?b=/admin, /files/a?b=/admin",
        "/files/a?b=%2f%00%zz;c, /files/a?b=%2f%00%zz;c",
        "/files/%C3%BC%c3%bc, /files/%C3%BC%c3%bc",
        "/files/a%20b%3fc%23d, /files/a%20b%3fc%23d",
        "/files/-._~!$&'()*+=:@, /files/-._~!$&'()*+=:@",
        "/files/..., /files/...",
        "/files/.a/b., /files/.a/b.",
        "http://orders/files/a?b, /files/a?b",
        "http://Orders/files/a, /files/a",
    })
    void pathThatWasJudgedIsTheOneTheApplicationReads(String target, String read) throws Exception {
        for (boolean outbound : new boolean[] {false, true}) {
            hop.forget();
            try (RawClient client = outbound ? hop.outbound() : hop.inbound()) {
                assertThat(client.send(Door.head("GET " + target)).until("\r\n\r\n"))
                        .startsWith("HTTP/1.1 200 ");
            }
            assertThat(hop.application.received()).startsWith("GET " + read + " HTTP/1.1\r\n");
        }
    }

    /** One host for policy, record and application, whoever wrote it how. */
    @ParameterizedTest
    @CsvSource({
        "orders, orders",
        "ORDERS, orders",
        "Orders.Shop.Example, orders.shop.example",
        "orders., orders",
        "orders:8080, orders:8080",
    })
    void hostThatWasJudgedIsTheOneTheApplicationReads(String host, String read) throws Exception {
        try (RawClient client = hop.inbound()) {
            client.send("GET /files/x HTTP/1.1\r\nHost: " + host + "\r\n\r\n").until("\r\n\r\nok");
        }
        AuditRecord record = Hop.record(hop.orders);
        assertThat(record.authority).isEqualTo(read.replaceAll(":.*", ""));
        assertThat(hop.application.received().toLowerCase(java.util.Locale.ROOT))
                .containsOnlyOnce("\r\nhost: ");
        assertThat(hop.application.received())
                .containsPattern("(?i)\r\nhost: (?-i)" + read.replace(".", "\\.") + "\r\n");
        await().atMost(Hop.SOON).until(() -> hop.orders.dataPath.active() == 0);
    }
}
