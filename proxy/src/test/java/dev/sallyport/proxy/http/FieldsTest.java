package dev.sallyport.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.policy.CanonicalRequest;
import io.netty.buffer.ByteBufAllocator;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What of a head goes on (RFC 9110 section 7.6.1), what is read of it, and that nobody smuggles a field past either. */
class FieldsTest {
    private static final String LINE = "GET / HTTP/1.1\r\nHost: a\r\n";

    private final RequestHead head = new RequestHead(Limits.standard());

    /** The field lines after Host that go on, once {@code act} has been done to the head with {@code fields}. */
    private String after(String fields, Consumer<RequestHead> act) {
        String lines = fields.isEmpty() ? "" : fields + "\r\n";
        String outcome = Wire.everyWay(head, LINE + lines + "\r\n", h -> {
            act.accept(h);
            return Wire.text(h.encode(ByteBufAllocator.DEFAULT));
        });
        assertThat(outcome).startsWith(LINE).endsWith("\r\n\r\n| rest: ");
        String left = outcome.substring(LINE.length(), outcome.length() - "\r\n| rest: ".length());
        return left.isEmpty() ? "" : left.substring(0, left.length() - 2);
    }

    private String afterHopByHop(String fields) {
        return after(fields, RequestHead::dropHopByHop);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Connection",
                "Keep-Alive",
                "Proxy-Connection",
                "Proxy-Authenticate",
                "Proxy-Authorization",
                "TE",
                "Trailer",
                "Upgrade",
                "HTTP2-Settings",
            })
    void hopByHopFieldsStayOnTheirConnectionInAnySpelling(String name) {
        for (String spelt : spellings(name)) {
            assertThat(afterHopByHop(spelt + ": x")).as(spelt).isEmpty();
            assertThat(afterHopByHop("A: 1\r\n" + spelt + ":\r\nB: 2"))
                    .as(spelt)
                    .isEqualTo("A: 1\r\nB: 2");
        }
        assertThat(afterHopByHop("X-" + name + ": x")).isEqualTo("X-" + name + ": x");
        assertThat(afterHopByHop(name + "-X: x")).isEqualTo(name + "-X: x");
    }

    private static List<String> spellings(String name) {
        return List.of(
                name,
                name.toLowerCase(Locale.ROOT),
                name.toUpperCase(Locale.ROOT),
                name.replace('-', '_'),
                name.toUpperCase(Locale.ROOT).replace('-', '_'),
                name.replaceFirst("-", "_"),
                name.replace('-', '.'),
                name.replaceFirst("-", "~"));
    }

    @Test
    void whatConnectionNamesStays() {
        assertThat(afterHopByHop("X-A: 1\r\nConnection: x-a\r\nX-B: 2")).isEqualTo("X-B: 2");
        assertThat(afterHopByHop("Connection: x-a, ,\t X-B\t,\r\nx-A: 1\r\nX_B: 2\r\nX-Bc: 3"))
                .isEqualTo("X-Bc: 3");
        assertThat(afterHopByHop("X_A: 1\r\nX-A: 2\r\nConnection: x_a")).isEmpty();
        assertThat(afterHopByHop("Connection: close\r\nClose: x"))
                .as("an option, no name")
                .isEqualTo("Close: x");
        assertThat(afterHopByHop("Connection: Keep-Alive\r\nX: y")).isEqualTo("X: y");
        assertThat(afterHopByHop("X: y\r\nConnection:")).isEqualTo("X: y");
        assertThat(afterHopByHop("X: y\r\nConnection: ,")).isEqualTo("X: y");
        assertThat(afterHopByHop("Connection: \"x\", x y, x;q=1\r\nX: y"))
                .as("no names")
                .isEqualTo("X: y");
    }

    @Test
    void everyConnectionFieldIsObeyedWhateverTheyNameOfEachOther() {
        assertThat(afterHopByHop("Connection: x-a\r\nConnection: x-b\r\nX-A: 1\r\nX-B: 2"))
                .isEmpty();
        assertThat(afterHopByHop("Connection: connection\r\nConnection: x-b\r\nX-B: 2"))
                .isEmpty();
        assertThat(afterHopByHop("Connection: x-b, connection, x-a\r\nX-B: 2\r\nX-A: 1"))
                .isEmpty();
        assertThat(afterHopByHop("Connection: connection, connection\r\nConnection: connection, x-b\r\nX-B: 2"))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Authorization: t",
                "Cookie: c",
                "Content-Type: x",
                "Content-Length: 5",
                "Transfer-Encoding: chunked"
            })
    void connectionCannotTakeAwayWhatTheNextParserNeeds(String field) {
        String name = field.substring(0, field.indexOf(':'));
        for (String spelt : spellings(name)) {
            assertThat(afterHopByHop(field + "\r\nConnection: " + spelt))
                    .as(spelt)
                    .isEqualTo(field);
        }
    }

    @Test
    void connectionCannotTakeAwayHost() {
        assertThat(afterHopByHop("Connection: host, HOST, x\r\nX: y")).isEmpty();
    }

    @Test
    void whatIsSetAfterwardsCannotBeNamedAway() {
        String fields =
                "Connection: x-forwarded-client-cert, x-sallyport-user, x-request-id\r\nX-Forwarded-Client-Cert: forged";
        String left = after(fields, h -> {
            h.dropHopByHop();
            h.dropIdentity();
            h.set(Field.X_FORWARDED_CLIENT_CERT, "URI=spiffe://td/a");
            h.add("x-sallyport-user", "alice");
        });
        assertThat(left).isEqualTo("x-forwarded-client-cert: URI=spiffe://td/a\r\nx-sallyport-user: alice");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "X-Forwarded-Client-Cert",
                "Txn-Token",
                "X-Sallyport-User",
                "X-Sallyport-",
                "X-Sallyport-Anything-Else"
            })
    void identityFieldsAreRemovedInAnySpelling(String name) {
        for (String spelt : spellings(name)) {
            String fields = spelt + ": forged\r\nX: y\r\n" + spelt + ":\t\r\n" + spelt + ": again";
            assertThat(after(fields, RequestHead::dropIdentity)).as(spelt).isEqualTo("X: y");
        }
        for (String spelt : List.of(name.replace("-", "--"), name + "'", name.replaceFirst("-", ""))) {
            assertThat(after(spelt + ": forged", RequestHead::dropIdentity))
                    .as(spelt)
                    .isEmpty();
        }
        assertThat(after("Y" + name + ": z", RequestHead::dropIdentity)).isEqualTo("Y" + name + ": z");
    }

    @Test
    void fieldsThatOnlyResembleAnIdentityPass() {
        for (String field : List.of(
                "X-Sally: a",
                "Sallyport-User: a",
                "X-Forwarded-Client-Certs: a",
                "Txn-Tokens: a",
                "Authorization: a")) {
            assertThat(after(field, RequestHead::dropIdentity)).isEqualTo(field);
        }
    }

    @Test
    void overridingFieldsAreFoundInAnySpelling() {
        for (String name : CanonicalRequest.overridingHeaders()) {
            for (String spelt : spellings(name)) {
                Wire.everyWay(head, LINE + spelt + ": PUT\r\n\r\n", h -> {
                    assertThat(h.overriding(_ -> true)).isEqualTo(spelt);
                    assertThat(h.overriding(written -> !written.equals(spelt)))
                            .as("asked by its name as written")
                            .isEmpty();
                    return "";
                });
            }
            Wire.everyWay(head, LINE + "X" + name + ": PUT\r\n" + name + "x: a\r\n\r\n", h -> {
                assertThat(h.overriding(_ -> true)).isEmpty();
                return "";
            });
        }
    }

    @ParameterizedTest
    @EnumSource
    void everyFieldThatMeansSomethingIsKnownInAnySpelling(Field field) {
        if (field.text().isEmpty() || field == Field.SALLYPORT || field == Field.HOST) {
            return;
        }
        String value = field == Field.TRANSFER_ENCODING ? "chunked" : "1";
        boolean framing = field == Field.TRANSFER_ENCODING || field == Field.CONTENT_LENGTH;
        for (String spelt : spellings(field.text())) {
            if (framing && !spelt.equalsIgnoreCase(field.text())) {
                continue;
            }
            String line = spelt + ": " + value;
            assertThat(after(line, h -> {
                        assertThat(h.has(field)).as(spelt).isTrue();
                        assertThat(h.count(field)).isEqualTo(1);
                        assertThat(h.values(field)).containsExactly(value);
                        assertThat(h.says(field, value)).isTrue();
                    }))
                    .isEqualTo(line);
            assertThat(after(line, h -> h.drop(field))).as(spelt).isEmpty();
        }
    }

    @Test
    void valuesAreWhatSomeApplicationReadsUnderTheName() {
        assertThat(values("X-Tenant: a")).containsExactly("a");
        assertThat(values("x-tenant:\ta \r\nX: z\r\nX-TENANT: b, c"))
                .as("each field, in order, lists not split")
                .containsExactly("a", "b, c");
        assertThat(values("X-Tenants: a\r\nXX-Tenant: b\r\nX-Tenan: c")).isEmpty();
        assertThat(values("X-Tenant:")).containsExactly("");
        assertThat(values("X.Tenant: a\r\nX~tenant: b")).containsExactly("a", "a", "b", "b");
        assertThat(values("X_Tenant: a"))
                .as("another spelling is never the one value")
                .containsExactly("a", "a");
        assertThat(values("X-Tenant: a\r\nX_TENANT: b")).containsExactly("a", "b", "b");
        assertThat(values("X-Tenant: \u00e9")).as("octets as they are").containsExactly("\u00e9");
    }

    private List<String> values(String fields) {
        List<List<String>> found = new java.util.ArrayList<>();
        after(fields, h -> found.add(h.values("x-tenant")));
        assertThat(found).as("however cut").containsOnly(found.getFirst());
        return found.getFirst();
    }

    @Test
    void whatConnectionNamesIsNotRead() {
        after("X-Tenant: a\r\nConnection: x-tenant", h -> {
            assertThat(h.values("x-tenant")).containsExactly("a");
            h.dropHopByHop();
            assertThat(h.values("x-tenant")).isEmpty();
            assertThat(h.has(Field.CONNECTION)).isFalse();
            assertThat(h.count(Field.CONNECTION)).isZero();
            assertThat(h.values(Field.CONNECTION)).isEmpty();
        });
    }

    @Test
    void oneValueIsSaidOnlyOnce() {
        after(
                "Expect: a\r\nExpect: a",
                h -> assertThat(h.says(Field.EXPECT, "a")).isFalse());
        after("Expect: a", h -> assertThat(h.says(Field.EXPECT, "a")).isTrue());
        after("Expect: A", h -> assertThat(h.says(Field.EXPECT, "a")).isTrue());
        after("Expect: aa", h -> assertThat(h.says(Field.EXPECT, "a")).isFalse());
        after("Expect:", h -> assertThat(h.says(Field.EXPECT, "a")).isFalse());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\r\nX: y",
                "\n",
                "\r",
                "\u0000",
                "\u007f",
                "\u0085",
                "\u010d",
                "\u560d\u560a",
                "\ud83d\ude00",
                "\t"
            })
    void nothingThatIsSetCanBeAnotherLine(String trick) {
        for (Consumer<RequestHead> act : List.<Consumer<RequestHead>>of(
                h -> h.add("x-a", "1" + trick + "2"),
                h -> h.add("x-a" + trick + "b", "1"),
                h -> h.set(Field.TXN_TOKEN, "1" + trick + "2"))) {
            String left = after("", act);
            assertThat(left).matches("[\\x20-\\x7e]*").contains("?");
            assertThat(after("", act).lines()).hasSize(1);
        }
    }

    @Test
    void setStandsInPlaceOfWhatWasSaid() {
        String left = after("TxN_ToKeN: a\r\nX: y\r\nTxn-Token: b", h -> h.set(Field.TXN_TOKEN, "c"));
        assertThat(left).isEqualTo("X: y\r\ntxn-token: c");
        assertThat(after("X: y", h -> h.add("z", "1"))).isEqualTo("X: y\r\nz: 1");
    }

    @Test
    void whatIsSetTwiceStandsOnce() {
        String left = after("X: y", h -> {
            h.set(Field.TXN_TOKEN, "first");
            h.add("z", "1");
            h.set(Field.TXN_TOKEN, "second");
        });
        assertThat(left).isEqualTo("X: y\r\nz: 1\r\ntxn-token: second");
    }

    @Test
    void muchCanBeSetWithoutDamageToWhatCame() {
        String long_ = "v".repeat(5000);
        String left = after("X: y", h -> {
            h.add("a", long_);
            h.add("b", long_);
        });
        assertThat(left).isEqualTo("X: y\r\na: " + long_ + "\r\nb: " + long_);
    }

    @Test
    void targetInOriginFormGoesOnAlone() {
        String text = "GET http://a/x?y HTTP/1.1\r\nHost: a\r\n\r\n";
        assertThat(Wire.everyWay(head, text, h -> {
                    h.originStart(h.targetStart() + "http://a".length());
                    return Wire.text(h.encode(ByteBufAllocator.DEFAULT));
                }))
                .isEqualTo("GET /x?y HTTP/1.1\r\nHost: a\r\n\r\n| rest: ");
    }
}
