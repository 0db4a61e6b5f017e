package dev.sallyport.server.http;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.ResponseHeaders;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** An error answer, RFC 9457. {@code errors}: each single problem of a refused document set; {@code code}: a stable word for those who act on it. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
record Problem(String title, int status, String detail, List<Item> errors, Optional<String> code) {
    private static final MediaType TYPE = MediaType.create("application", "problem+json");

    /** One problem: where, the path inside the document, its stable code, what to write instead. */
    record Item(String location, String path, String code, String message) {}

    static List<Item> items(List<dev.sallyport.document.Problem> problems) {
        return problems.stream()
                .map(found -> new Item(found.location().toString(), found.path(), found.code(), found.message()))
                .toList();
    }

    static HttpResponse answer(HttpStatus status, String detail) {
        return answer(status, detail, List.of());
    }

    static HttpResponse answer(HttpStatus status, String detail, List<Item> errors) {
        return answer(status, new Problem(status.reasonPhrase(), status.code(), detail, errors, Optional.empty()));
    }

    static HttpResponse coded(HttpStatus status, String detail, String code) {
        return answer(status, new Problem(status.reasonPhrase(), status.code(), detail, List.of(), Optional.of(code)));
    }

    private static HttpResponse answer(HttpStatus status, Problem problem) {
        return HttpResponse.of(
                ResponseHeaders.builder(status).contentType(TYPE).build(), HttpData.wrap(Json.bytes(problem)));
    }

    /** May work later; {@code after} in whole seconds, at least one. RFC 9110 section 10.2.3. */
    static HttpResponse later(HttpStatus status, String detail, Duration after) {
        String seconds = Long.toString(Math.max(1, after.toSeconds()));
        return answer(status, detail)
                .mapHeaders(headers -> headers.toBuilder()
                        .set(HttpHeaderNames.RETRY_AFTER, seconds)
                        .build());
    }

    /** Thrown by a handler that cannot go on; the answer is this problem. Stackless. */
    static final class ProblemException extends Exception {
        private static final long serialVersionUID = 1;

        private final transient HttpStatus status;
        private final transient List<Item> errors;

        ProblemException(HttpStatus status, String detail) {
            this(status, detail, List.of());
        }

        ProblemException(HttpStatus status, String detail, List<Item> errors) {
            super(detail, null, false, false);
            this.status = status;
            this.errors = List.copyOf(errors);
        }

        HttpResponse answer() {
            return Problem.answer(status, String.valueOf(getMessage()), errors);
        }
    }
}
