package dev.sallyport.server.http;

import com.linecorp.armeria.common.AggregatedHttpRequest;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServerBuilder;
import com.linecorp.armeria.server.ServiceRequestContext;
import dev.sallyport.contract.MeshNames;
import dev.sallyport.contract.SealedBatch;
import dev.sallyport.contract.Wire;
import dev.sallyport.identity.SpiffeId;
import dev.sallyport.server.collector.Answer;
import dev.sallyport.server.collector.BatchRefusedException;
import dev.sallyport.server.collector.Collector;
import dev.sallyport.server.http.Problem.ProblemException;
import dev.sallyport.server.issuance.Peer;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** Sealed batches on 15012. Bodies are large, so whoever may send one is decided before a byte of it is read: so many at once, and of each identity fewer. */
final class BatchService {
    private static final long BODY_BYTES_MAX = SealedBatch.SEAL_BYTES_MAX + 1L + SealedBatch.LINES_BYTES_MAX;
    /** As many mebibytes, at most, while they come in and wait for the disk. */
    private static final int AT_ONCE = 64;
    /** One service must not keep all others from delivering. */
    private static final int OF_ONE_IDENTITY = 16;

    private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

    /** Who sends a request. */
    interface Peers {
        Peer of(ServiceRequestContext context) throws ProblemException;
    }

    private final Collector collector;
    private final Peers peers;
    private final Map<SpiffeId, Integer> open = new HashMap<>(); // guarded by this
    private int opened; // guarded by this

    BatchService(Collector collector, Peers peers) {
        this.collector = collector;
        this.peers = peers;
    }

    void serve(ServerBuilder server) {
        server.route()
                .post(MeshNames.AUDIT_BATCH_PATH)
                .maxRequestLength(BODY_BYTES_MAX)
                .build(this::admit);
    }

    private HttpResponse admit(ServiceRequestContext context, HttpRequest request) throws Exception {
        Peer peer;
        try {
            peer = peers.of(context);
        } catch (ProblemException e) {
            return e.answer();
        }
        if (!enter(peer.id())) {
            collector.turnedAway();
            return Problem.later(
                    HttpStatus.SERVICE_UNAVAILABLE,
                    "batches (expected: at most " + AT_ONCE + " at once, " + OF_ONE_IDENTITY + " of one identity)",
                    RETRY_AFTER);
        }
        Handler handler = (_, whole) -> take(whole, peer.id());
        HttpService service = handler.service();
        HttpResponse response;
        try {
            response = service.serve(context, request);
        } catch (Exception e) {
            leave(peer.id());
            throw e;
        }
        response.whenComplete().whenComplete((_, _) -> leave(peer.id()));
        return response;
    }

    private synchronized boolean enter(SpiffeId peer) {
        int own = open.getOrDefault(peer, 0);
        if (opened >= AT_ONCE || own >= OF_ONE_IDENTITY) {
            return false;
        }
        opened++;
        open.put(peer, own + 1);
        return true;
    }

    private synchronized void leave(SpiffeId peer) {
        opened--;
        open.computeIfPresent(peer, (_, own) -> own == 1 ? null : own - 1);
    }

    private HttpResponse take(AggregatedHttpRequest request, SpiffeId peer) {
        try {
            return switch (collector.take(request.content().array(), peer)) {
                case Answer.Received(String stream, long through) ->
                    message(HttpStatus.OK, new Wire.Receipt(stream, through));
                case Answer.Missing(String stream, long expected) ->
                    message(HttpStatus.CONFLICT, new Wire.Gap(stream, expected));
            };
        } catch (BatchRefusedException e) {
            return refused(e);
        }
    }

    private static HttpResponse message(HttpStatus status, Object message) {
        return HttpResponse.of(status, MediaType.JSON, HttpData.wrap(Wire.encode(message)));
    }

    private static HttpResponse refused(BatchRefusedException e) {
        String why = String.valueOf(e.getMessage());
        return switch (e.reason()) {
            case FORM -> Problem.coded(HttpStatus.BAD_REQUEST, why, e.reason().code());
            case IDENTITY, STREAM ->
                Problem.coded(HttpStatus.FORBIDDEN, why, e.reason().code());
            case CHAIN, FORK ->
                Problem.coded(HttpStatus.UNPROCESSABLE_ENTITY, why, e.reason().code());
            case STREAMS -> Problem.later(HttpStatus.TOO_MANY_REQUESTS, why, RETRY_AFTER);
            case BUSY -> Problem.later(HttpStatus.SERVICE_UNAVAILABLE, why, RETRY_AFTER);
        };
    }
}
