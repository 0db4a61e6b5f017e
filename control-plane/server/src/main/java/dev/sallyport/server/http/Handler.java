package dev.sallyport.server.http;

import com.linecorp.armeria.common.AggregatedHttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import dev.sallyport.authority.AuthorityUnavailableException;
import dev.sallyport.contract.InvalidMessageException;
import dev.sallyport.server.http.Problem.ProblemException;
import dev.sallyport.server.issuance.RefusedException;
import dev.sallyport.server.issuance.ThrottledException;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A blocking handler: runs on a virtual thread once the whole (bounded) request is here, and turns expected refusals into problems. */
interface Handler {
    Logger LOG = LoggerFactory.getLogger(Handler.class);
    Executor VIRTUAL_THREADS = Executors.newVirtualThreadPerTaskExecutor();

    HttpResponse answer(ServiceRequestContext context, AggregatedHttpRequest request)
            throws ProblemException, InvalidMessageException, RefusedException, ThrottledException,
                    AuthorityUnavailableException;

    default HttpService service() {
        return (context, request) -> HttpResponse.of(
                request.aggregate().thenApplyAsync(whole -> answerOrProblem(context, whole), VIRTUAL_THREADS));
    }

    private HttpResponse answerOrProblem(ServiceRequestContext context, AggregatedHttpRequest request) {
        try {
            return answer(context, request);
        } catch (ProblemException e) {
            return e.answer();
        } catch (InvalidMessageException e) {
            return Problem.answer(HttpStatus.BAD_REQUEST, String.valueOf(e.getMessage()));
        } catch (RefusedException e) {
            return Problem.coded(
                    HttpStatus.FORBIDDEN,
                    String.valueOf(e.getMessage()),
                    e.reason().code());
        } catch (ThrottledException e) {
            return Problem.later(HttpStatus.TOO_MANY_REQUESTS, String.valueOf(e.getMessage()), e.retryAfter());
        } catch (AuthorityUnavailableException e) {
            return Problem.later(HttpStatus.SERVICE_UNAVAILABLE, String.valueOf(e.getMessage()), e.retryAfter());
        } catch (RuntimeException e) {
            LOG.error("{} {} failed", request.method(), context.path(), e);
            return Problem.answer(
                    HttpStatus.INTERNAL_SERVER_ERROR, "internal error; the control plane's log says more");
        }
    }
}
