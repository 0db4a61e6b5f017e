package dev.sallyport.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.proxy.telemetry.Sampling;
import dev.sallyport.proxy.telemetry.Span;
import dev.sallyport.proxy.telemetry.Telemetry;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the application is told of a trace, by a sidecar that exports and by one that does not: the cases of W3C's own validation suite (w3c/trace-context, test/test.py) and those of Zipkin's B3. */
@Timeout(60)
class TraceContextTest {
    private static final String TRACE = "12345678901234567890123456789012";
    private static final String SPAN = "1234567890123456";
    private static final String PARENT = "00-" + TRACE + "-" + SPAN + "-01";

    private static Passing exporting;
    private static Passing silent;
    private static final List<Span> spans = new CopyOnWriteArrayList<>();

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        exporting = Passing.open(
                folder.resolve("a"),
                Passing.DOCUMENTS,
                Map.of(),
                sidecar -> new Telemetry(
                        sidecar.metrics, new Sampling(true, 0), List.of(_ -> (_, _, _, span) -> spans.add(span))));
        silent = Passing.open(folder.resolve("b"));
    }

    @AfterAll
    static void stop() {
        exporting.close();
        silent.close();
    }

    @BeforeEach
    void forget() {
        exporting.forget();
        silent.forget();
        spans.clear();
    }

    /** What {@code mesh}'s payment was told, of these fields alone. */
    private static Told ask(Passing mesh, String... fields) throws Exception {
        assertThat(mesh.ask("orders", "payment", "GET /open", fields)).startsWith("HTTP/1.1 200 ");
        return new Told(mesh.payment.received());
    }

    private record Told(String head) {
        List<String> values(String name) {
            return head.lines()
                    .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(name + ":"))
                    .map(line -> line.substring(name.length() + 1).strip())
                    .toList();
        }

        String parent() {
            assertThat(values("traceparent")).hasSize(1);
            String parent = values("traceparent").getFirst();
            assertThat(parent)
                    .matches("00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
                    .doesNotContain("-0000000000000000-");
            return parent;
        }

        String trace() {
            return parent().substring(3, 35);
        }

        String span() {
            return parent().substring(36, 52);
        }
    }

    private static Span only() {
        exporting.forget();
        assertThat(spans).hasSize(1);
        return spans.getFirst();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "traceparent: " + PARENT,
                "TraceParent: " + PARENT,
                "TRACEPARENT:\t " + PARENT + " \t",
                "traceparent: cc-" + TRACE + "-" + SPAN + "-01",
                "traceparent: cc-" + TRACE + "-" + SPAN + "-01-what-the-future-will-be-like",
                "traceparent: 01-" + TRACE + "-" + SPAN + "-09",
                "b3: " + TRACE + "-" + SPAN + "-1",
                "b3: " + TRACE + "-" + SPAN + "-d",
                "b3: " + TRACE + "-" + SPAN + "-1-00000000000000aa",
                "X-B3-TraceId: " + TRACE + "\r\nX-B3-SpanId: " + SPAN + "\r\nX-B3-Sampled: 1",
                "X-B3-TraceId: " + TRACE + "\r\nX-B3-SpanId: " + SPAN + "\r\nX-B3-Sampled: true",
                "X-B3-TraceId: " + TRACE + "\r\nX-B3-SpanId: " + SPAN
                        + "\r\nX-B3-ParentSpanId: 00000000000000aa\r\nX-B3-Flags: 1",
            })
    void traceThatTheCallerHasSampledGoesOnWithASpanOfOurs(String fields) throws Exception {
        Told told = ask(exporting, fields);
        assertThat(told.trace()).isEqualTo(TRACE);
        assertThat(told.parent()).endsWith("-01");
        assertThat(told.span()).isNotEqualTo(SPAN).isEqualTo("%016x".formatted(only().id()));
        assertThat(only().parent()).isEqualTo(0x1234567890123456L);
        Told same = ask(silent, fields);
        assertThat(same.parent()).isEqualTo(PARENT);
        assertThat(told.head() + same.head()).doesNotContain("future", "00000000000000aa");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "traceparent: 00-" + TRACE + "-" + SPAN + "-00",
                "traceparent: cc-" + TRACE + "-" + SPAN + "-00-x",
                "b3: " + TRACE + "-" + SPAN + "-0",
                "b3: " + TRACE + "-" + SPAN + "-0-00000000000000aa",
                "X-B3-TraceId: " + TRACE + "\r\nX-B3-SpanId: " + SPAN + "\r\nX-B3-Sampled: 0",
                "X-B3-TraceId: " + TRACE + "\r\nX-B3-SpanId: " + SPAN + "\r\nX-B3-Sampled: false",
            })
    void traceThatTheCallerHasNotSampledGoesOnAsItIs(String fields) throws Exception {
        for (Passing mesh : List.of(exporting, silent)) {
            assertThat(ask(mesh, fields).parent()).isEqualTo("00-" + TRACE + "-" + SPAN + "-00");
        }
        assertThat(only()).isEqualTo(Span.NONE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "traceparent: 00-12345678901234567890123456789011-" + SPAN + "-01\r\ntraceparent: " + PARENT,
                "trace-parent: " + PARENT,
                "trace.parent: " + PARENT,
                "traceparent: " + PARENT + ".",
                "traceparent: " + PARENT + "-what-the-future-will-be-like",
                "traceparent: cc-" + TRACE + "-" + SPAN + "-01.what-the-future-will-be-like",
                "traceparent: ff-" + TRACE + "-" + SPAN + "-01",
                "traceparent: .0-" + TRACE + "-" + SPAN + "-01",
                "traceparent: 0.-" + TRACE + "-" + SPAN + "-01",
                "traceparent: 000-" + TRACE + "-" + SPAN + "-01",
                "traceparent: 0000-" + TRACE + "-" + SPAN + "-01",
                "traceparent: 0-" + TRACE + "-" + SPAN + "-01",
                "traceparent: 00-00000000000000000000000000000000-" + SPAN + "-01",
                "traceparent: 00-.2345678901234567890123456789012-" + SPAN + "-01",
                "traceparent: 00-1234567890123456789012345678901.-" + SPAN + "-01",
                "traceparent: 00-" + TRACE + "3-" + SPAN + "-01",
                "traceparent: 00-1234567890123456789012345678901-" + SPAN + "-01",
                "traceparent: 00-" + TRACE + "-0000000000000000-01",
                "traceparent: 00-" + TRACE + "-.234567890123456-01",
                "traceparent: 00-" + TRACE + "-123456789012345.-01",
                "traceparent: 00-" + TRACE + "-" + SPAN + "7-01",
                "traceparent: 00-" + TRACE + "-123456789012345-01",
                "traceparent: 00-" + TRACE + "-" + SPAN + "-.0",
                "traceparent: 00-" + TRACE + "-" + SPAN + "-0.",
                "traceparent: 00-" + TRACE + "-" + SPAN + "-001",
                "traceparent: 00-" + TRACE + "-" + SPAN + "-1",
                "traceparent:",
                "tracestate: foo=1,bar=2",
                "b3: " + TRACE + "-" + SPAN + "-2",
                "b3: " + TRACE + "-" + SPAN + "-1-aa",
                "b3: " + TRACE + "-" + SPAN + "-1-00000000000000aa-1",
                "b3: " + TRACE + "-0000000000000000-1",
                "b3: 00000000000000000000000000000000-" + SPAN + "-1",
                "b3: " + TRACE + "\u00e9-" + SPAN + "-1",
                "b3: ABCDEF78901234567890123456789012-" + SPAN + "-1",
                "b3: " + TRACE + "-" + SPAN + "-1\r\nb3: " + TRACE + "-" + SPAN + "-1",
                "b3:",
                "x_b3_traceid: " + TRACE + "\r\nX-B3-SpanId: " + SPAN,
                "X-B3-TraceId: " + TRACE,
                "X-B3-SpanId: " + SPAN,
                "X-B3-TraceId: 123456789012345678901234\r\nX-B3-SpanId: " + SPAN,
            })
    void whatIsMalformedBeginsATraceAndNothingOfItTravels(String fields) throws Exception {
        Told ofSilent = ask(silent, fields);
        assertThat(ofSilent.parent()).endsWith("-01");
        Told ofExporting = ask(exporting, fields);
        // Ratio 0: what begins here is not sampled, and that goes on.
        assertThat(ofExporting.parent()).endsWith("-00");
        for (Told told : List.of(ofSilent, ofExporting)) {
            assertThat(told.trace()).isNotEqualTo(TRACE);
            assertThat(told.values("tracestate")).isEmpty();
            assertThat(told.parent() + told.values("b3")).doesNotContain(SPAN, "future");
        }
        assertThat(only()).isEqualTo(Span.NONE);
    }

    @ParameterizedTest
    @CsvSource({
        "b3: 0, -00",
        "b3: 1, -01",
        "b3: d, -01",
        "X-B3-Sampled: 0, -00",
        "X-B3-Sampled: 1, -01",
        "X-B3-Flags: 1, -01"
    })
    void decisionAloneIsTheCallersOfATraceThatBeginsHere(String field, String flags) throws Exception {
        for (Passing mesh : List.of(exporting, silent)) {
            assertThat(ask(mesh, field).parent()).endsWith(flags);
        }
        assertThat(only().recorded()).isEqualTo(flags.equals("-01"));
        assertThat(only().parent()).isZero();
    }

    @Test
    void b3GoesOnInTheFormInWhichItCameAndSaysWhatTraceparentSays() throws Exception {
        for (Passing mesh : List.of(exporting, silent)) {
            Told single = ask(mesh, "B3: " + TRACE + "-" + SPAN + "-1-00000000000000aa");
            assertThat(single.values("b3")).containsExactly(TRACE + "-" + single.span() + "-1");
            assertThat(single.head().toLowerCase(Locale.ROOT)).doesNotContain("x-b3-");

            Told several = ask(
                    mesh,
                    "X-B3-TraceId: " + TRACE,
                    "X-B3-SpanId: " + SPAN,
                    "X-B3-ParentSpanId: 00000000000000aa",
                    "X-B3-Flags: 1");
            assertThat(several.values("x-b3-traceid")).containsExactly(TRACE);
            assertThat(several.values("x-b3-spanid")).containsExactly(several.span());
            assertThat(several.values("x-b3-sampled")).containsExactly("1");
            assertThat(several.values("x-b3-flags")).isEmpty();
            assertThat(several.values("x-b3-parentspanid")).isEmpty();
            assertThat(several.values("b3")).isEmpty();

            Told other = ask(mesh, "traceparent: " + PARENT, "b3: 00000000000000010000000000000002-0000000000000003-0");
            assertThat(other.trace()).isEqualTo(TRACE);
            assertThat(other.values("b3")).containsExactly(TRACE + "-" + other.span() + "-1");

            assertThat(ask(mesh, "traceparent: " + PARENT).head().toLowerCase(Locale.ROOT))
                    .doesNotContain("b3:");
        }
    }

    @Test
    void shortTraceIdsArePaddedAndGoOnShort() throws Exception {
        for (Passing mesh : List.of(exporting, silent)) {
            Told told = ask(mesh, "b3: " + SPAN + "-" + SPAN + "-1");
            assertThat(told.trace()).isEqualTo("0000000000000000" + SPAN);
            assertThat(told.values("b3")).containsExactly(SPAN + "-" + told.span() + "-1");
        }
    }

    @Test
    void decisionThatIsLeftOpenIsOurs() throws Exception {
        assertThat(ask(exporting, "b3: " + TRACE + "-" + SPAN).parent()).isEqualTo("00-" + TRACE + "-" + SPAN + "-00");
        assertThat(ask(silent, "b3: " + TRACE + "-" + SPAN).parent()).isEqualTo(PARENT);
    }

    @Test
    void stateOfTheTraceGoesOnWithIt() throws Exception {
        for (Passing mesh : List.of(exporting, silent)) {
            assertThat(ask(mesh, "traceparent: " + PARENT, "tracestate: foo=1,bar=2")
                            .values("tracestate"))
                    .containsExactly("foo=1,bar=2");
            assertThat(ask(mesh, "b3: " + TRACE + "-" + SPAN + "-1", "tracestate: foo=1")
                            .values("tracestate"))
                    .isEmpty();
        }
    }

    @Test
    void denialHasASpanOfTheCallersTrace() throws Exception {
        assertThat(exporting.ask("web", "payment", "GET /open", "traceparent: " + PARENT))
                .startsWith("HTTP/1.1 403 ");
        assertThat(exporting.inboundRecord("payment").traceId).isEqualTo(TRACE);
        assertThat(only().parent()).isEqualTo(0x1234567890123456L);
    }
}
