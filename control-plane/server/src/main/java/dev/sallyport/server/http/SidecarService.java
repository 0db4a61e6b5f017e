package dev.sallyport.server.http;

import com.linecorp.armeria.common.AggregatedHttpRequest;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpResponseWriter;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.server.ServerBuilder;
import com.linecorp.armeria.server.ServiceRequestContext;
import dev.sallyport.authority.AuthorityUnavailableException;
import dev.sallyport.contract.InvalidMessageException;
import dev.sallyport.contract.MeshNames;
import dev.sallyport.contract.Wire;
import dev.sallyport.identity.Revocations;
import dev.sallyport.identity.SvidRejectedException;
import dev.sallyport.identity.X509Svid;
import dev.sallyport.policy.Mesh;
import dev.sallyport.server.ca.Instance;
import dev.sallyport.server.ca.Rotations;
import dev.sallyport.server.collector.Collector;
import dev.sallyport.server.http.Problem.ProblemException;
import dev.sallyport.server.issuance.Canaries;
import dev.sallyport.server.issuance.Issuance;
import dev.sallyport.server.issuance.Peer;
import dev.sallyport.server.issuance.RefusedException;
import dev.sallyport.server.issuance.ThrottledException;
import dev.sallyport.server.issuance.TokenBucket;
import dev.sallyport.server.issuer.Issuers;
import dev.sallyport.server.mesh.LiveMesh;
import dev.sallyport.server.stream.Distribution;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.Set;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

/** What sidecars ask: with a join token on 15013, with their certificate on 15012. The recipient is always the peer's SPIFFE ID, never something in a body. */
public final class SidecarService {
    private static final long ENROLMENT_BYTES_MAX = 64 * 1024;
    private static final long MESSAGE_BYTES_MAX = 1024 * 1024;
    /** Of what a sidecar says about a canary; it is stored and shown. */
    private static final int REASON_CHARS_MAX = 500;

    private static final MediaType STREAM = MediaType.create("application", "vnd.sallyport.stream");

    /** Anyone may ask on 15013, and each question costs a look-up on the store's one thread, which has to serve the sidecars of 15012 too. */
    private static final int ENROLMENTS_PER_SECOND = 50;
    /** A whole mesh of ordinary size that starts at the same moment. */
    private static final int ENROLMENTS_AT_ONCE = 100;
    /** By then there is room again; sidecars retry by themselves. */
    private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

    private final TokenBucket enrolments = new TokenBucket(ENROLMENTS_PER_SECOND, ENROLMENTS_AT_ONCE, System::nanoTime);
    private final Issuance issuance;
    private final Canaries canaries;
    private final Rotations rotations;
    private final Distribution distribution;
    private final LiveMesh mesh;
    private final Issuers issuers;
    private final BatchService batches;
    private final Clock clock;

    public SidecarService(
            Issuance issuance,
            Canaries canaries,
            Rotations rotations,
            Distribution distribution,
            LiveMesh mesh,
            Issuers issuers,
            Collector collector,
            Clock clock) {
        this.issuance = issuance;
        this.canaries = canaries;
        this.rotations = rotations;
        this.distribution = distribution;
        this.mesh = mesh;
        this.issuers = issuers;
        this.batches = new BatchService(collector, this::peer);
        this.clock = clock;
    }

    /** 15013, and nothing else is served there. */
    public void enrolment(ServerBuilder server) {
        Handler enrol =
                (_, request) -> enrolments.take() ? message(issuance.enrol(Wire.enrolment(post(request)))) : tooMany();
        server.maxRequestLength(ENROLMENT_BYTES_MAX).service(MeshNames.ENROL_PATH, enrol.service());
    }

    /** 15012. */
    public void sidecars(ServerBuilder server) {
        Handler renew = (context, request) -> message(issuance.renew(peer(context), Wire.renewal(post(request))));
        Handler acks = this::acknowledge;
        Handler keyWanted = this::keyWanted;
        Handler canary = this::canary;
        Handler canaryResult = this::canaryResult;
        Handler stream = this::stream;
        server.maxRequestLength(MESSAGE_BYTES_MAX)
                .service(MeshNames.RENEW_PATH, renew.service())
                .service(MeshNames.ACK_PATH, acks.service())
                .service(MeshNames.KEY_WANTED_PATH, keyWanted.service())
                .service(MeshNames.CANARY_PATH, canary.service())
                .service(MeshNames.CANARY_RESULT_PATH, canaryResult.service())
                .service(MeshNames.STREAM_PATH, stream.service());
        batches.serve(server);
    }

    private HttpResponse canary(ServiceRequestContext context, AggregatedHttpRequest request)
            throws ProblemException, InvalidMessageException, RefusedException, ThrottledException,
                    AuthorityUnavailableException {
        return message(canaries.issue(peer(context), Wire.canaryRequest(post(request))));
    }

    /** A peer speaks for its own instance alone: nobody can pass, or fail, a canary for another. */
    private HttpResponse canaryResult(ServiceRequestContext context, AggregatedHttpRequest request)
            throws ProblemException, InvalidMessageException, RefusedException {
        Peer peer = peer(context);
        Wire.CanaryResult result = Wire.canaryResult(post(request));
        issuance.refuseOther(peer, result.instance());
        Instance instance = new Instance(peer.id().toString(), result.instance());
        if (!rotations.canary(instance, result.authority(), result.refused().map(SidecarService::line))) {
            throw new ProblemException(HttpStatus.NOT_FOUND, "authority (expected: the one whose canary is tried now)");
        }
        return HttpResponse.of(HttpStatus.NO_CONTENT);
    }

    /** For a line of a log and of a table. */
    private static String line(String reason) {
        return reason.substring(0, Math.min(REASON_CHARS_MAX, reason.length())).replaceAll("\\p{Cntrl}", " ");
    }

    private HttpResponse acknowledge(ServiceRequestContext context, AggregatedHttpRequest request)
            throws ProblemException, InvalidMessageException {
        Mesh.Service service = member(context);
        if (!distribution.acked(service.name(), Wire.ack(post(request)))) {
            throw new ProblemException(HttpStatus.NOT_FOUND, "instance: no stream of it is known");
        }
        return HttpResponse.of(HttpStatus.NO_CONTENT);
    }

    /** However often sidecars want one, an issuer is asked at most once in half a minute for it: a member of the mesh must not make us flood somebody else. */
    private HttpResponse keyWanted(ServiceRequestContext context, AggregatedHttpRequest request)
            throws ProblemException, InvalidMessageException {
        member(context);
        Wire.KeyWanted wanted = Wire.keyWanted(post(request));
        if (!issuers.wanted(wanted.issuer())) {
            throw new ProblemException(
                    HttpStatus.NOT_FOUND,
                    "issuer (expected: one that revision " + mesh.state().revision() + " declares)");
        }
        return HttpResponse.of(HttpStatus.NO_CONTENT);
    }

    private HttpResponse stream(ServiceRequestContext context, AggregatedHttpRequest request)
            throws ProblemException, InvalidMessageException, RefusedException {
        Peer peer = peer(context);
        issuance.refuseRevoked(peer);
        Wire.Hello hello = Wire.hello(post(request));
        Mesh.Service service = declared(peer);
        if (!Issuance.wellFormedInstance(hello.instance())) {
            throw new ProblemException(HttpStatus.BAD_REQUEST, "instance (expected: 1 to 64 of A-Z a-z 0-9 . _ -)");
        }
        context.clearRequestTimeout();
        HttpResponseWriter writer = HttpResponse.streaming();
        writer.write(ResponseHeaders.builder(HttpStatus.OK).contentType(STREAM).build());
        if (!distribution.open(peer, service.name(), hello, writer)) {
            throw new ProblemException(HttpStatus.SERVICE_UNAVAILABLE, "too many streams are open");
        }
        endIfRevoked(peer);
        return writer;
    }

    /** A revocation between the first look and the opening found no stream to end. */
    private void endIfRevoked(Peer peer) {
        try {
            issuance.refuseRevoked(peer);
        } catch (RefusedException e) {
            distribution.revoked(new Revocations(Set.of(peer.serial()), Set.of()));
        }
    }

    /** Whose connection was there before the revocation is no member either. By what the snapshots say, from memory: acks come from the whole fleet at the same moment. */
    private Mesh.Service member(ServiceRequestContext context) throws ProblemException {
        Peer peer = peer(context);
        Revocations revoked = mesh.state().revocations();
        if (revoked.serials().contains(peer.serial()) || revoked.identities().contains(peer.id())) {
            throw new ProblemException(
                    HttpStatus.FORBIDDEN, "client certificate: " + peer.serial() + " of " + peer.id() + " is revoked");
        }
        return declared(peer);
    }

    private Mesh.Service declared(Peer peer) throws ProblemException {
        return mesh.state()
                .serviceOf(peer.id())
                .orElseThrow(() -> new ProblemException(
                        HttpStatus.FORBIDDEN,
                        peer.id() + " (expected: the identity of a service that revision "
                                + mesh.state().revision() + " declares)"));
    }

    /** The handshake proved the chain; that was then, so the end of the certificate is looked at again with each request. */
    private Peer peer(ServiceRequestContext context) throws ProblemException {
        SSLSession session = context.sslSession();
        try {
            Certificate[] chain = session == null ? new Certificate[0] : session.getPeerCertificates();
            if (chain.length == 0 || !(chain[0] instanceof X509Certificate leaf)) {
                throw new ProblemException(HttpStatus.FORBIDDEN, "client certificate: missing");
            }
            Peer peer = new Peer(
                    X509Svid.leafId(leaf),
                    X509Svid.serialOf(leaf),
                    leaf.getNotAfter().toInstant());
            if (clock.instant().isAfter(peer.notAfter())) {
                throw new ProblemException(HttpStatus.FORBIDDEN, "client certificate: ended at " + peer.notAfter());
            }
            return peer;
        } catch (SSLPeerUnverifiedException | SvidRejectedException e) {
            throw new ProblemException(HttpStatus.FORBIDDEN, "client certificate: " + e.getMessage());
        }
    }

    private static byte[] post(AggregatedHttpRequest request) throws ProblemException {
        if (request.method() != HttpMethod.POST) {
            throw new ProblemException(HttpStatus.METHOD_NOT_ALLOWED, request.method() + " (expected: POST)");
        }
        return request.content().array();
    }

    private static HttpResponse tooMany() {
        return Problem.later(
                HttpStatus.TOO_MANY_REQUESTS,
                "enrolments (expected: at most " + ENROLMENTS_PER_SECOND + " each second)",
                RETRY_AFTER);
    }

    private static HttpResponse message(Wire.Issued issued) {
        return HttpResponse.of(HttpStatus.OK, MediaType.JSON, HttpData.wrap(Wire.encode(issued)));
    }
}
