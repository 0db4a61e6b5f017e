package dev.sallyport.proxy.http;

import dev.sallyport.policy.Reason;
import dev.sallyport.policy.RequestRejectedException;
import io.netty.buffer.ByteBuf;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;

/**
 * One pass over the bytes of a message head, before the codec reads it: what two parsers could read differently is refused (RFC 9112, attacks 1-14). The codec is lenient about
 * white space, control bytes and line ends in places; here nothing is. An instance serves one connection; not thread-safe.
 */
final class HeadScanner {
    private final Limits limits;
    private int hosts;
    private int lengths;
    private int encodings;

    HeadScanner(Limits limits) {
        this.limits = limits;
    }

    /** Index after the empty line that ends the head which starts at the reader index, or -1 while it is incomplete; {@code head_too_large} when it cannot fit any more. */
    int end(ByteBuf buffer, int from) throws RequestRejectedException {
        int start = buffer.readerIndex();
        int at = Math.max(start, from - 3);
        int limit = Math.min(buffer.writerIndex(), start + limits.headBytes());
        while (at < limit) {
            int lineFeed = buffer.indexOf(at, limit, (byte) '\n');
            if (lineFeed < 0) {
                break;
            }
            if (lineFeed - start >= 3 && buffer.getByte(lineFeed - 1) == '\r' && buffer.getByte(lineFeed - 2) == '\n') {
                return lineFeed + 1;
            }
            if (lineFeed > start && buffer.getByte(lineFeed - 1) != '\r') {
                throw framing("line ends with a bare LF");
            }
            at = lineFeed + 1;
        }
        if (buffer.writerIndex() - start >= limits.headBytes()) {
            throw new RequestRejectedException(
                    Reason.HEAD_TOO_LARGE, "head: more than " + limits.headBytes() + " bytes");
        }
        return -1;
    }

    /** A request's head in [start, end). */
    void request(ByteBuf buffer, int start, int end) throws RequestRejectedException {
        int lineEnd = lineEnd(buffer, start, end);
        if (lineEnd - start > limits.requestLineBytes()) {
            throw new RequestRejectedException(
                    Reason.HEAD_TOO_LARGE, "request line: more than " + limits.requestLineBytes() + " bytes");
        }
        int methodEnd = token(buffer, start, lineEnd, "method");
        int targetEnd = methodEnd + 1;
        while (targetEnd < lineEnd && buffer.getByte(targetEnd) != ' ') {
            int octet = buffer.getByte(targetEnd) & 0xff;
            if (octet < 0x21 || octet == 0x7f) {
                throw framing("control byte in the request target");
            }
            if (octet > 0x7f) {
                throw new RequestRejectedException(
                        Reason.PATH_REJECTED, "request target: byte above 0x7f (expected: percent-encoding)");
            }
            targetEnd++;
        }
        expect(buffer, methodEnd, ' ', "one space after the method");
        boolean version10 = matches(buffer, targetEnd, lineEnd, " HTTP/1.0");
        if (targetEnd == methodEnd + 1 || (!version10 && !matches(buffer, targetEnd, lineEnd, " HTTP/1.1"))) {
            throw framing("request line (expected: METHOD SP target SP HTTP/1.1)");
        }
        fields(buffer, lineEnd + 2, end);
        if (hosts != 1) {
            throw framing("Host: " + hosts + " fields (expected: exactly one)");
        }
        if (version10 && encodings > 0) {
            throw framing("Transfer-Encoding in HTTP/1.0");
        }
    }

    /** A response's head in [start, end). RFC 9112 section 4: the reason phrase may be empty. */
    void response(ByteBuf buffer, int start, int end) throws RequestRejectedException {
        int lineEnd = lineEnd(buffer, start, end);
        boolean http1 = matches(buffer, start, start + Math.min(8, lineEnd - start), "HTTP/1.1")
                || matches(buffer, start, start + Math.min(8, lineEnd - start), "HTTP/1.0");
        if (!http1
                || lineEnd - start < 12
                || buffer.getByte(start + 8) != ' '
                || (lineEnd - start > 12 && buffer.getByte(start + 12) != ' ')) {
            throw framing("status line (expected: HTTP/1.1 SP code SP reason)");
        }
        for (int i = start + 9; i < start + 12; i++) {
            if (buffer.getByte(i) < '0' || buffer.getByte(i) > '9') {
                throw framing("status code (expected: three digits)");
            }
        }
        fields(buffer, lineEnd + 2, end);
    }

    private void fields(ByteBuf buffer, int start, int end) throws RequestRejectedException {
        hosts = 0;
        lengths = 0;
        encodings = 0;
        int count = 0;
        int at = start;
        while (at < end - 2) {
            if (++count > limits.headers()) {
                throw new RequestRejectedException(
                        Reason.HEAD_TOO_LARGE, "head: more than " + limits.headers() + " fields");
            }
            int lineEnd = lineEnd(buffer, at, end);
            field(buffer, at, lineEnd);
            at = lineEnd + 2;
        }
        if (lengths > 1 || encodings > 1 || lengths + encodings > 1) {
            throw framing("more than one of Content-Length, Transfer-Encoding");
        }
    }

    private void field(ByteBuf buffer, int start, int end) throws RequestRejectedException {
        int nameEnd = token(buffer, start, end, "field name");
        expect(buffer, nameEnd, ':', "colon right after the field name");
        for (int i = nameEnd + 1; i < end; i++) {
            int octet = buffer.getByte(i) & 0xff;
            if ((octet < 0x20 && octet != '\t') || octet == 0x7f) {
                throw framing("control byte in a field value");
            }
        }
        if (named(buffer, start, nameEnd, "host")) {
            hosts++;
        } else if (named(buffer, start, nameEnd, "content-length")) {
            lengths++;
            digits(buffer, nameEnd + 1, end);
        } else if (named(buffer, start, nameEnd, "transfer-encoding")) {
            encodings++;
            chunkedOnly(buffer, nameEnd + 1, end);
        } else if (named(buffer, start, nameEnd, "content_length")
                || named(buffer, start, nameEnd, "transfer_encoding")) {
            // An application behind CGI or WSGI rules reads these as the real ones.
            throw framing("framing field spelt with an underscore");
        }
    }

    private static void digits(ByteBuf buffer, int from, int to) throws RequestRejectedException {
        String value = trimmed(buffer, from, to);
        boolean digits = !value.isEmpty() && value.length() <= 18;
        for (int i = 0; i < value.length(); i++) {
            digits &= value.charAt(i) >= '0' && value.charAt(i) <= '9';
        }
        if (!digits) {
            throw framing("Content-Length (expected: 1 to 18 digits)");
        }
    }

    private static void chunkedOnly(ByteBuf buffer, int from, int to) throws RequestRejectedException {
        if (!AsciiString.contentEqualsIgnoreCase(trimmed(buffer, from, to), "chunked")) {
            throw framing("Transfer-Encoding (expected: chunked alone)");
        }
    }

    private static String trimmed(ByteBuf buffer, int from, int to) {
        int start = from;
        int end = to;
        while (start < end && blank(buffer.getByte(start))) {
            start++;
        }
        while (end > start && blank(buffer.getByte(end - 1))) {
            end--;
        }
        return buffer.toString(start, end - start, StandardCharsets.ISO_8859_1);
    }

    private static boolean blank(byte octet) {
        return octet == ' ' || octet == '\t';
    }

    /** Index of the CR of the CRLF that ends the line; {@link #end} has seen that every LF follows a CR. */
    private static int lineEnd(ByteBuf buffer, int from, int to) throws RequestRejectedException {
        int carriageReturn = buffer.indexOf(from, to, (byte) '\r');
        if (carriageReturn < 0 || carriageReturn + 1 >= to || buffer.getByte(carriageReturn + 1) != '\n') {
            throw framing("bare CR");
        }
        return carriageReturn;
    }

    /** Index after a non-empty RFC 9110 token. A folded line starts with a blank, which is no token. */
    private static int token(ByteBuf buffer, int from, int to, String what) throws RequestRejectedException {
        int at = from;
        while (at < to && tokenChar(buffer.getByte(at))) {
            at++;
        }
        if (at == from || at == to) {
            throw framing(what + " (expected: a token)");
        }
        return at;
    }

    private static boolean tokenChar(byte octet) {
        boolean letterOrDigit =
                (octet >= 'a' && octet <= 'z') || (octet >= 'A' && octet <= 'Z') || (octet >= '0' && octet <= '9');
        return letterOrDigit || (octet > 0 && "!#$%&'*+-.^_`|~".indexOf(octet) >= 0);
    }

    private static void expect(ByteBuf buffer, int at, char octet, String what) throws RequestRejectedException {
        if (buffer.getByte(at) != octet) {
            throw framing(what);
        }
    }

    private static boolean matches(ByteBuf buffer, int from, int to, String text) {
        if (to - from != text.length()) {
            return false;
        }
        for (int i = 0; i < text.length(); i++) {
            if (buffer.getByte(from + i) != text.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private static boolean named(ByteBuf buffer, int from, int to, String lowerCase) {
        if (to - from != lowerCase.length()) {
            return false;
        }
        for (int i = 0; i < lowerCase.length(); i++) {
            if (AsciiString.toLowerCase((char) buffer.getByte(from + i)) != lowerCase.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private static RequestRejectedException framing(String detail) {
        return new RequestRejectedException(Reason.FRAMING_REJECTED, detail);
    }
}
