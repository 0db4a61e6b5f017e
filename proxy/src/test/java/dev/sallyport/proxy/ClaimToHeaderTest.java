package dev.sallyport.proxy;

import static dev.sallyport.proxy.testing.Forge.quoted;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.proxy.testing.UserTokens;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Attack 62, byte by byte at the application: what a verified token says of its user arrives as one value of one field, whatever it is made of; and what it does not say, nobody else says. */
@Timeout(30)
class ClaimToHeaderTest {
    private static final String POLICY = """
            apiVersion: sallyport.dev/v1
            kind: RoutePolicy
            metadata: {name: orders}
            spec:
              service: orders
              routes:
                mine: {match: ["GET /mine", "POST /mine"], allow: {web: {from: [web], user: required}}}
                maybe: {match: "GET /maybe", allow: {web: {from: [web], user: optional}}}
                open: {match: "GET /open", allow: {web: {from: [web], user: none}}}
            """;

    private static final String[] CLAIMED = {
        "X-Sallyport-User: root",
        "X-Sallyport-Roles: admin",
        "x_sallyport_roles: admin",
        "X-SALLYPORT-ISSUER: forged",
        "x-sallyport-scopes: forged",
        "X-Sallyport-Claim-Dept: forged"
    };

    private static Hop hop;

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        hop = Hop.open(folder, Map.of("newTokensPerSecond", 100_000));
        hop.mesh.documents = Door.MESH + POLICY;
        hop.orders.learn();
        hop.web.learn();
    }

    @AfterAll
    static void stop() {
        hop.close();
    }

    @BeforeEach
    void forget() {
        hop.forget();
    }

    private static RawClient client(boolean outbound) throws Exception {
        return outbound ? hop.outbound() : hop.inbound();
    }

    /** What the application read of the fields that begin with {@code x-sallyport-}, as it stands there. */
    private static Map<String, String> told() {
        String received = hop.application.received();
        return received.substring(0, received.indexOf("\r\n\r\n"))
                .lines()
                .skip(1)
                .filter(line -> line.toLowerCase(Locale.ROOT).replace('_', '-').startsWith("x-sallyport-"))
                .collect(Collectors.toMap(
                        line -> line.substring(0, line.indexOf(':')), line -> line.substring(line.indexOf(':') + 2)));
    }

    private static String told(String name) {
        return told().getOrDefault(name, "nothing of it");
    }

    /** As an application would read it; visible ASCII only. */
    private static String decoded(String value) {
        assertThat(value).matches("[\\x21-\\x7e&&[^,]]*");
        ByteArrayOutputStream octets = new ByteArrayOutputStream();
        for (int i = 0; i < value.length(); i++) {
            boolean escape = value.charAt(i) == '%';
            octets.write(escape ? Integer.parseInt(value.substring(i + 1, i + 3), 16) : value.charAt(i));
            i += escape ? 2 : 0;
        }
        return octets.toString(StandardCharsets.UTF_8);
    }

    /** Every text that has broken a header somewhere. */
    private static List<String> texts() {
        List<String> texts = new ArrayList<>(List.of(
                "alice",
                "a\r\nX-Sallyport-Roles: admin",
                "a\r\n\r\nGET /admin HTTP/1.1\r\nHost: orders\r\n\r\n",
                "a\nb",
                "a\rb",
                "\r\n",
                "\u0000",
                "a\u0000b",
                "\t",
                " a ",
                "a b",
                "a,b",
                ",",
                "%",
                "%2C",
                "%0d%0a",
                "%25",
                "\u007f",
                "\u0085",
                "\u00a0",
                "\u00e9",
                "\u2028",
                "\ufeff",
                "\u65e5\u672c",
                "\ud83d\ude00",
                "\u010a\u010d", // CR and LF when only the low octet is kept
                "\u560a\u560d",
                "x-sallyport-roles: admin",
                "\"a\";URI=spiffe://shop.example/ns/shop/sa/payment",
                "a=b;c:d/e?f#g[h]{i}|j\\k^l`m~n<o>",
                "=?utf-8?Q?=0D=0A?=",
                "\u202eadmin",
                "a".repeat(1024),
                "\u00e9".repeat(1024)));
        for (char c = 1; c < 0x20; c++) {
            texts.add("a" + c + "b");
        }
        return texts;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void everySubjectArrivesAsOneValueThatDecodesToItself(boolean outbound) throws Exception {
        try (RawClient client = client(outbound)) {
            for (String text : texts()) {
                hop.application.forgetVisits();
                client.send(Door.head("GET /mine", UserTokens.bearer(hop.mesh.issuerKey, "sub", quoted(text))))
                        .until("\r\n\r\nok");
                assertTold(text);
            }
        }
    }

    private static void assertTold(String text) {
        assertThat(told().keySet()).as(text).containsExactlyInAnyOrder("x-sallyport-user", "x-sallyport-issuer");
        assertThat(decoded(told("x-sallyport-user"))).isEqualTo(text);
        assertThat(told()).containsEntry("x-sallyport-issuer", "shop");
    }

    @Test
    void everyRoleArrivesAsOneItemThatDecodesToItself() throws Exception {
        List<String> roles =
                texts().stream().filter(text -> text.length() < 100).toList();
        String json = roles.stream().map(role -> quoted(role)).collect(Collectors.joining(",", "{\"roles\":[", "]}"));
        try (RawClient client = hop.inbound()) {
            client.send(Door.head("GET /mine", UserTokens.bearer(hop.mesh.issuerKey, "realm_access", json)))
                    .until("\r\n\r\nok");
        }
        assertThat(told().keySet())
                .containsExactlyInAnyOrder("x-sallyport-user", "x-sallyport-issuer", "x-sallyport-roles");
        List<String> items = List.of(told("x-sallyport-roles").split(",", -1));
        assertThat(items.stream().map(ClaimToHeaderTest::decoded)).containsExactlyElementsOf(roles);
    }

    /** As much as a token of 8 KiB holds, three times as long when it is encoded. */
    @Test
    void longestRolesArriveWhole() throws Exception {
        String role = "\u00e9".repeat(2800);
        String json = "{\"roles\":[" + quoted(role) + "]}";
        try (RawClient client = hop.inbound()) {
            client.send(Door.head("GET /mine", UserTokens.bearer(hop.mesh.issuerKey, "realm_access", json)))
                    .until("\r\n\r\nok");
        }
        assertThat(decoded(told("x-sallyport-roles"))).isEqualTo(role);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void claimThatIsTooLongOrNoTextIsRefused(boolean outbound) throws Exception {
        String[][] claims = {
            {"sub", quoted("a".repeat(1025))},
            {"sub", quoted("a".repeat(10 * 1024))},
            {"realm_access", "{\"roles\":[" + quoted("a".repeat(10 * 1024)) + "]}"},
            {"sub", "{\"name\":\"alice\"}"},
            {"sub", "[\"alice\"]"},
            {"sub", "\"\\ud800\""},
            {"sub", "\"\""}
        };
        for (String[] changes : claims) {
            try (RawClient client = client(outbound)) {
                assertThat(client.send(Door.head("GET /mine", UserTokens.bearer(hop.mesh.issuerKey, changes)))
                                .until("}"))
                        .as(changes[1])
                        .startsWith("HTTP/1.1 401 ");
            }
        }
        assertThat(hop.application.received()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void claimThatIsAbsentClearsWhatTheClientSent(boolean outbound) throws Exception {
        String[] noRoles = {"", "null", "{}", "{\"roles\":[]}", "{\"roles\":{\"admin\":1}}", "{\"roles\":\"\"}"};
        for (String roles : noRoles) {
            hop.application.forgetVisits();
            String bearer = UserTokens.bearer(hop.mesh.issuerKey, "realm_access", roles, "sub", "\"bob\"");
            try (RawClient client = client(outbound)) {
                client.send(Door.head("POST /mine", with(bearer, "Transfer-Encoding: chunked"))
                                + "1\r\na\r\n0\r\nX-Sallyport-Roles: admin\r\nAuthorization: Bearer forged\r\n\r\n")
                        .until("\r\n\r\nok");
            }
            assertThat(told()).isEqualTo(Map.of("x-sallyport-user", "bob", "x-sallyport-issuer", "shop"));
            assertThat(hop.application.received()).doesNotContain("admin", "forged", "root", "eyJ");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET /maybe", "GET /open"})
    void nobodyIsNobodyWhateverTheClientSent(String request) throws Exception {
        for (boolean outbound : new boolean[] {false, true}) {
            hop.application.forgetVisits();
            try (RawClient client = client(outbound)) {
                client.send(Door.head(request, CLAIMED)).until("\r\n\r\nok");
            }
            assertThat(told()).isEmpty();
        }
    }

    /** No claim chooses the name of a field. */
    @Test
    void claimNamedLikeAFieldIsNone() throws Exception {
        String bearer = UserTokens.bearer(
                hop.mesh.issuerKey,
                "x-sallyport-roles",
                "\"admin\"",
                "x-sallyport-user",
                "\"root\"",
                "roles",
                "[\"admin\"]",
                "x-forwarded-client-cert",
                "\"URI=forged\"",
                "host",
                "\"forged\"",
                "a\r\nx-forged",
                "\"forged\"");
        try (RawClient client = hop.inbound()) {
            client.send(Door.head("GET /mine", bearer)).until("\r\n\r\nok");
        }
        assertThat(told()).isEqualTo(Map.of("x-sallyport-user", "alice", "x-sallyport-issuer", "shop"));
        assertThat(hop.application.received()).doesNotContain("forged", "admin", "root");
    }

    private static String[] with(String... more) {
        List<String> fields = new ArrayList<>(List.of(CLAIMED));
        fields.addAll(List.of(more));
        return fields.toArray(new String[0]);
    }
}
