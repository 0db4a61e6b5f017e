package dev.sallyport.server.http;

import com.linecorp.armeria.common.AggregatedHttpResponse;
import com.linecorp.armeria.common.ContentTooLargeException;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.server.HttpStatusException;
import com.linecorp.armeria.server.RequestTimeoutException;
import com.linecorp.armeria.server.ServerErrorHandler;
import com.linecorp.armeria.server.ServiceConfig;
import com.linecorp.armeria.server.ServiceRequestContext;
import org.jspecify.annotations.Nullable;

/** What Armeria refuses by itself is answered in the same form as everything else, without details of the inside. */
final class ProblemErrors implements ServerErrorHandler {
    @Override
    public @Nullable HttpResponse onServiceException(ServiceRequestContext context, Throwable cause) {
        return switch (cause) {
            case HttpStatusException status ->
                Problem.answer(status.httpStatus(), status.httpStatus().reasonPhrase());
            case ContentTooLargeException _ ->
                Problem.answer(
                        HttpStatus.REQUEST_ENTITY_TOO_LARGE,
                        "body (expected: at most " + context.maxRequestLength() + " bytes)");
            case RequestTimeoutException _ -> Problem.answer(HttpStatus.SERVICE_UNAVAILABLE, "no answer in time");
            default -> null; // Armeria's own: logged, 500
        };
    }

    /** No such path, no such method, a request that is no HTTP. */
    @Override
    public AggregatedHttpResponse renderStatus(
            @Nullable ServiceRequestContext context,
            ServiceConfig config,
            @Nullable RequestHeaders headers,
            HttpStatus status,
            @Nullable String description,
            @Nullable Throwable cause) {
        return Problem.answer(status, description == null ? status.reasonPhrase() : description)
                .aggregate()
                .join();
    }
}
