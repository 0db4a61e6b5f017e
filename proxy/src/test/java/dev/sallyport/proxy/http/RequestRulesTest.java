package dev.sallyport.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** RFC 9112 sections 3, 5 and 6.1 to 6.3: each rule of a request's lines with what it lets pass and what it refuses, however the bytes arrive. */
class RequestRulesTest {
    private static final String NEXT = "GET /smuggled HTTP/1.1\r\nHost: b\r\n\r\n";

    private final RequestHead head = new RequestHead(Limits.standard());

    private static Stream<Rule> requestLines() {
        return Stream.of(
                new Rule("the method is a token", """
                        GET / HTTP/1.1
                        get / HTTP/1.1
                        M-SEARCH / HTTP/1.1
                        a!#$%&'*+-.^_`|~9 / HTTP/1.1
                        """, """
                        \\s/ HTTP/1.1
                        G(T / HTTP/1.1
                        GET@ / HTTP/1.1
                        G\\311T / HTTP/1.1
                        "GET" / HTTP/1.1
                        """),
                new Rule("one blank between the parts", """
                        GET / HTTP/1.1
                        """, """
                        GET  / HTTP/1.1
                        GET /  HTTP/1.1
                        GET\\t/ HTTP/1.1
                        GET /\\tHTTP/1.1
                        GET\\013/ HTTP/1.1
                        GET\\r/ HTTP/1.1
                        GET /a b HTTP/1.1
                        GET\\240/ HTTP/1.1
                        """),
                new Rule("nothing around it", """
                        GET / HTTP/1.1
                        """, """
                        \\sGET / HTTP/1.1
                        \\tGET / HTTP/1.1
                        \\000GET / HTTP/1.1
                        \\001GET / HTTP/1.1
                        \\002GET / HTTP/1.1
                        \\357\\273\\277GET / HTTP/1.1
                        GET / HTTP/1.1\\s
                        GET / HTTP/1.1\\t
                        GET / HTTP/1.1 x
                        GET / HTTP/1.1\\r
                        """),
                new Rule("version 1.1 or 1.0, exactly", """
                        GET / HTTP/1.1
                        GET / HTTP/1.0
                        """, """
                        GET /
                        GET /\\s
                        GET / HTTP/0.9
                        GET / HTTP/1.2
                        GET / HTTP/2.0
                        GET / HTTP/1.1x
                        GET / HTTP/01.1
                        GET / HTTP/1.01
                        GET / HTTP/1
                        GET / HTTP/1.
                        GET / HTTP/1,1
                        GET / http/1.1
                        GET / HTTPS/1.1
                        GET / XHTTP/1.1
                        GET / HTTP /1.1
                        GET / HTTP/ 1.1
                        GET HTTP/1.1
                        PRI * HTTP/2.0
                        """),
                new Rule("the target is there and visible ASCII", """
                        GET /a?b=c&d HTTP/1.1
                        GET //x/../y;z HTTP/1.1
                        GET http://a/ HTTP/1.1
                        OPTIONS * HTTP/1.1
                        CONNECT a:443 HTTP/1.1
                        GET /%00 HTTP/1.1
                        GET !"#$%&'()*+,-./:;<=>?@[\\\\]^_`{|}~ HTTP/1.1
                        """, """
                        GET  HTTP/1.1
                        GET /\\000 HTTP/1.1
                        GET /\\t HTTP/1.1
                        GET /\\rX HTTP/1.1
                        GET /\\177 HTTP/1.1
                        """));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("requestLines")
    void requestLineIsReadStrictly(Rule rule) {
        for (String line : rule.accepted()) {
            String fields = "\r\nHost: a\r\n\r\n";
            assertThat(Wire.everyWay(head, line + fields + NEXT, RequestHeadTest::passedOn))
                    .as(line)
                    .isEqualTo(line.replace("HTTP/1.0", "HTTP/1.1") + fields + "| rest: " + NEXT);
        }
        for (String line : rule.refused()) {
            assertThat(Wire.everyWay(head, line + "\r\nHost: a\r\n\r\n" + NEXT, RequestHeadTest::passedOn))
                    .as("%s", line)
                    .isEqualTo("FRAMING_REJECTED");
        }
    }

    private static Stream<Rule> fieldLines() {
        return Stream.of(
                new Rule("a token, and a colon right after it", """
                        X: a
                        X:a
                        x-!#$%&'*+-.^_`|~09azAZ: a
                        X::
                        X: a: b
                        7: x
                        """, """
                        X
                        X a
                        : a
                        :
                        X : a
                        X\\t: a
                        X\\013: a
                        X\\000: a
                        X\\351: a
                        X(y): a
                        X/y: a
                        X@y: a
                        "X": a
                        X\\177: a
                        X=y: a
                        """),
                new Rule("no folding", """
                        X: a
                        """, """
                        \\sX: a
                        \\tX: a
                        \\s
                        \\t
                        X: a\\r\\n b
                        X: a\\r\\n\\tb
                        X: a\\r\\n\\s
                        X:\\r\\n a
                        """),
                new Rule("values are visible ASCII, blanks inside, and octets above 0x7f", """
                        X:
                        X:\\s
                        X:\\t \\t
                        X: a b\\tc
                        X: \\351\\200\\377
                        X: "\\\\"{}
                        X: , ,
                        """, """
                        X: a\\000b
                        X: a\\rb
                        X: \\r
                        X: a\\r
                        X: \\013
                        X: a\\014
                        X: \\033[0m
                        X: \\177
                        X: \\001
                        """),
                new Rule("lines end with CRLF", """
                        X: a\\r\\nY: b
                        """, """
                        X: a\\nY: b
                        X: a\\n
                        X: a\\r\\r
                        X: a\\n\\rY: b
                        X: a\\rY: b
                        """),
                new Rule("one Host", """
                        X-Host: b
                        Hosts: b
                        """, """
                        Host: a
                        Host: b
                        host:b
                        HOST: b
                        Host:
                        hOsT: a
                        """),
                new Rule("Content-Length is 1 to 18 digits, once", """
                        Content-Length: 0
                        content-length:5
                        CONTENT-LENGTH:   5
                        Content-Length: 999999999999999999
                        Content-Lengths: x
                        X-Content-Length: -
                        """, """
                        Content-Length:
                        Content-Length:\\s
                        Content-Length: +5
                        Content-Length: -0
                        Content-Length: -5
                        Content-Length: 0x5
                        Content-Length: 5_0
                        Content-Length: 5 5
                        Content-Length: 5, 5
                        Content-Length: 5,
                        Content-Length: ,5
                        Content-Length: 5;
                        Content-Length: 5.0
                        Content-Length: 5e0
                        Content-Length: "5"
                        Content-Length: a
                        Content-Length: \\262
                        Content-Length: 5\\240
                        Content-Length: \\0135
                        Content-Length: 1000000000000000000
                        Content-Length: 9223372036854775808
                        Content-Length: 18446744073709551616
                        Content-Length: 18446744073709551621
                        Content-Length: 5\\r\\nContent-Length: 5
                        Content-Length: 5\\r\\nX: y\\r\\ncontent-length: 6
                        Content-Length: 5\\r\\nContent-Length:
                        Content-Length: 05
                        Content-Length: 00
                        Content-Length:\\t5
                        Content-Length: 5\\t
                        Content-Length : 5
                        Content-Length\\000: 5
                        Content_Length: 5
                        content_length: 5
                        Content.Length: 5
                        Content--Length: 5
                        ContentLength: 5
                        Content-Length: 5\\r\\n 6
                        """),
                new Rule("Transfer-Encoding is chunked alone, once", """
                        Transfer-Encoding: chunked
                        transfer-encoding:chunked
                        TRANSFER-ENCODING:   chunked
                        X-Transfer-Encoding: gzip
                        Transfer-Encodings: gzip
                        Transfer-Enc: gzip
                        """, """
                        Transfer-Encoding:
                        transfer-encoding:CHUNKED
                        Transfer-Encoding: Chunked
                        Transfer-Encoding:\\tchunked
                        Transfer-Encoding: chunked\\t
                        Transfer-Encoding: identity
                        Transfer-Encoding: gzip
                        Transfer-Encoding: gzip, chunked
                        Transfer-Encoding: chunked, gzip
                        Transfer-Encoding: chunked, chunked
                        Transfer-Encoding: chunked, identity
                        Transfer-Encoding: chunked, xchunked
                        Transfer-Encoding: ,chunked
                        Transfer-Encoding: chunked,
                        Transfer-Encoding: chunked;q=1
                        Transfer-Encoding: "chunked"
                        Transfer-Encoding: 'chunked'
                        Transfer-Encoding: xchunked
                        Transfer-Encoding: chunkedx
                        Transfer-Encoding: chunk
                        Transfer-Encoding: chun ked
                        Transfer-Encoding: \\013chunked
                        Transfer-Encoding: chunked\\000
                        Transfer-Encoding: chunked\\240
                        Transfer-Encoding: \\377chunked
                        Transfer-Encoding:\\r\\n chunked
                        Transfer-Encoding: chunked\\r\\n\\s
                        Transfer-Encoding: chunked\\r\\nTransfer-Encoding: chunked
                        Transfer-Encoding: chunked\\r\\nTransfer-Encoding: identity
                        Transfer-Encoding : chunked
                        Transfer-Encoding\\t: chunked
                        Transfer Encoding: chunked
                        \\sTransfer-Encoding: chunked
                        \\000Transfer-Encoding: chunked
                        Transfer_Encoding: chunked
                        transfer_encoding: identity
                        Transfer---Encoding: chunked
                        Transfer___Encoding: chunked
                        Transfer.Encoding: chunked
                        TransferEncoding: chunked
                        Transfer-Encoding-: chunked
                        """),
                new Rule("not both, in either order", """
                        Content-Length: 5
                        Transfer-Encoding: chunked
                        """, """
                        Content-Length: 5\\r\\nTransfer-Encoding: chunked
                        Transfer-Encoding: chunked\\r\\nContent-Length: 5
                        Content-Length: 0\\r\\nTransfer-Encoding: chunked
                        Transfer-Encoding: chunked\\r\\nX: y\\r\\nContent-Length: 0
                        """));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("fieldLines")
    void fieldLinesAreReadStrictly(Rule rule) {
        for (String fields : rule.accepted()) {
            for (String text :
                    List.of(RequestHeadTest.request("Host: a", fields), RequestHeadTest.request(fields, "Host: a"))) {
                assertThat(Wire.everyWay(head, text + NEXT, RequestHeadTest::passedOn))
                        .as(fields)
                        .isEqualTo(text + "| rest: " + NEXT);
            }
        }
        for (String fields : rule.refused()) {
            for (String text :
                    List.of(RequestHeadTest.request("Host: a", fields), RequestHeadTest.request(fields, "Host: a"))) {
                assertThat(Wire.everyWay(head, text + NEXT, RequestHeadTest::passedOn))
                        .as("%s", text)
                        .isEqualTo("FRAMING_REJECTED");
            }
        }
    }
}
