package dev.sallyport.server.http;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import com.linecorp.armeria.common.AggregatedHttpRequest;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import dev.sallyport.document.Documents;
import dev.sallyport.document.Fields;
import dev.sallyport.document.Limits;
import dev.sallyport.document.Node;
import dev.sallyport.document.Problems;
import dev.sallyport.document.Source;
import dev.sallyport.server.http.Problem.ProblemException;
import java.util.List;
import java.util.function.Function;

/** JSON of the REST API. Bodies are read as strictly as documents are: unknown, repeated and missing fields are refused, every problem at once. */
final class Json {
    /** A whole document set, escaped. */
    static final int BODY_BYTES_MAX = 16 * 1024 * 1024;

    private static final Limits LIMITS = new Limits(BODY_BYTES_MAX, 100_000, 8);
    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .addModule(new Jdk8Module())
            .addModule(new JavaTimeModule())
            .defaultPropertyInclusion(
                    JsonInclude.Value.construct(JsonInclude.Include.NON_ABSENT, JsonInclude.Include.ALWAYS))
            .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
            .build();

    private Json() {}

    static byte[] bytes(Object value) {
        try {
            return MAPPER.writeValueAsBytes(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    static HttpResponse ok(Object value) {
        return HttpResponse.of(HttpStatus.OK, MediaType.JSON, HttpData.wrap(bytes(value)));
    }

    /** Reads a body that says it is JSON: a form that a browser posts for a stranger cannot say so. */
    static <T> T read(AggregatedHttpRequest request, Function<Fields, T> form) throws ProblemException {
        MediaType said = request.contentType();
        if (said == null || !said.is(MediaType.JSON)) {
            throw new ProblemException(
                    HttpStatus.UNSUPPORTED_MEDIA_TYPE, "content-type: " + said + " (expected: application/json)");
        }
        Problems problems = new Problems();
        List<Node> documents = Documents.parse(new Source("body.json", request.contentUtf8()), LIMITS, problems);
        if (problems.isEmpty() && documents.size() == 1) {
            Fields fields = Fields.of(documents.getFirst(), "", problems);
            T value = form.apply(fields);
            fields.done();
            if (problems.isEmpty()) {
                return value;
            }
        }
        throw new ProblemException(HttpStatus.BAD_REQUEST, "body: refused", Problem.items(problems.list()));
    }
}
