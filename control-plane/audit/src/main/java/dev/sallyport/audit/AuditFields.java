package dev.sallyport.audit;

/** The keys of a record on disk: OpenTelemetry's names where it has one, {@code sallyport.*} where it has none. Everything that reads records takes them from here. */
public final class AuditFields {
    public static final String TIMESTAMP = "Timestamp";
    public static final String EVENT_NAME = "EventName";
    public static final String EVENT_REQUEST = "sallyport.request";
    /** A request that is about to be forwarded: its {@link #EVENT_REQUEST} follows with the same id, unless the sidecar dies before. Never counted as a record of traffic. */
    public static final String EVENT_INTENT = "sallyport.request.intent";

    /** A request or stream that is still under way after a minute, and each minute after it: its bytes so far. Its end follows with the same id. Never counted as a record of traffic. */
    public static final String EVENT_INTERVAL = "sallyport.request.interval";
    /** The end of a TCP stream, which is to a port what a request is to a route. */
    public static final String EVENT_STREAM = "sallyport.stream";

    public static final String EVENT_CONNECTION = "sallyport.connection";
    /** What the log says of itself: a file's head, a gap, a recovery. Never counted as a record of traffic. */
    public static final String EVENT_LOG = "sallyport.audit.log";
    /** A leaf of the collector's, after the records of a batch: what their sidecar signed. The leaves of this and the next kinds are in the tiled log only. */
    public static final String EVENT_SEAL = "sallyport.audit.seal";
    /** A certificate of an authority, once, when it first counts. */
    public static final String EVENT_CA = "sallyport.audit.ca";
    /** What is about to be removed from the tiled log, by whom. */
    public static final String EVENT_PRUNE = "sallyport.audit.prune";
    /** Something about the records themselves that somebody should look at: opened or resolved. */
    public static final String EVENT_FINDING = "sallyport.audit.finding";

    public static final String ID = "audit.record.id";
    public static final String ACTOR_ID = "audit.actor.id";
    /** Derived ({@link AuditTerms}). {@code service}; absent for an anonymous actor. A proven user stands beside, in {@link #USER_HASH}. */
    public static final String ACTOR_TYPE = "audit.actor.type";
    /** Derived. {@code read} for a safe method (RFC 9110 section 9.2.1), {@code write} for any other, {@code connect} for a connection; absent where there was no method. */
    public static final String ACTION = "audit.action";
    /** {@code success}: admitted, and answered below 400; {@code failure}; {@code unknown} while it is under way. A decision is not an outcome. */
    public static final String OUTCOME = "audit.outcome";
    /** Derived. The route, as {@code orders/read}; the service where no route matched or the caller's side writes. */
    public static final String TARGET_ID = "audit.target.id";
    /** Derived. {@code http.endpoint} for a route, {@code service} otherwise. */
    public static final String TARGET_TYPE = "audit.target.type";
    /** {@code 2}. Of {@code 1} everything is still there under its name; 2 has more. */
    public static final String SCHEMA_VERSION = "audit.schema.version";
    /**
     * Of the log's own records: {@code header}, {@code gap}, {@code recovered}, {@code fault}, {@code heartbeat} or {@code end}. Of a request that was recorded before it was
     * forwarded: {@code intent} and {@code outcome}; of one that took long: {@code interval}, and {@code outcome} at its end.
     */
    public static final String PHASE = "sallyport.audit.phase";

    /** How the route wants to be recorded: {@code overlapped}, {@code required}; absent for {@code buffered}, and where no route decided. */
    public static final String LEVEL = "sallyport.audit.level";
    /** This record stands for so many more of the same source and reason, since the last one of them: beyond a rate they are counted and not written. */
    public static final String REPEATS = "sallyport.audit.repeats";

    public static final String STREAM_ID = "audit.sequence.stream_id";
    public static final String NUMBER = "audit.sequence.number";
    public static final String PREVIOUS_HASH = "audit.sequence.previous_hash";
    public static final String HASH = "audit.sequence.hash";

    public static final String DIRECTION = "sallyport.direction";
    public static final String SERVICE = "service.name";
    public static final String PEER_ADDRESS = "network.peer.address";
    public static final String PEER_SERIAL = "sallyport.tls.client.serial";
    public static final String PEER_FINGERPRINT = "tls.client.hash.sha256";
    /** Who signed the peer's certificate: its issuer's name. */
    public static final String PEER_ISSUER = "tls.client.issuer";
    /** The end of the peer's certificate, RFC 3339. */
    public static final String PEER_NOT_AFTER = "tls.client.not_after";
    /** Of the mutual TLS of this hop: inbound with the caller, outbound with the upstream. */
    public static final String TLS_VERSION = "tls.protocol.version";

    public static final String TLS_CIPHER = "tls.cipher";
    /** The group of the key exchange: {@code X25519MLKEM768}. */
    public static final String TLS_CURVE = "tls.curve";

    /** Derived: always {@code false}, each connection has a full handshake. */
    public static final String TLS_RESUMED = "tls.resumed";
    /** Derived. */
    public static final String SCHEME = "url.scheme";
    /** {@code websocket} or {@code tcp}; absent for {@code http}. */
    public static final String PROTOCOL_NAME = "network.protocol.name";
    /** Absent for {@code 1.1}. */
    public static final String PROTOCOL_VERSION = "network.protocol.version";

    public static final String METHOD = "http.request.method";
    public static final String AUTHORITY = "server.address";
    /** As the request named it; absent where it named none. */
    public static final String AUTHORITY_PORT = "server.port";

    public static final String ROUTE = "sallyport.route";
    public static final String TEMPLATE = "http.route";
    public static final String PATH = "url.path";
    public static final String DECISION = "sallyport.authz.decision";
    public static final String REASON = "sallyport.authz.reason";
    public static final String RULE = "security_rule.name";
    /** Derived. The policy that the rule is of; its version is {@link #POLICY_DIGEST}. */
    public static final String RULESET = "security_rule.ruleset.name";

    public static final String NEAREST_RULE = "sallyport.authz.nearest";
    /** The guardrail's denial that won over every rule: {@code card-data/non-payment-callers}. */
    public static final String GUARDRAIL = "sallyport.authz.guardrail";
    /** The reason of the denial that {@code mode: observe} let pass; the nearest rule stands beside it. */
    public static final String OBSERVED = "sallyport.authz.observed";
    /** What the policy would say if nothing were in dry run: {@code allow}, {@code deny}, {@code ask}; why; by which rule or guardrail. */
    public static final String CANDIDATE_DECISION = "sallyport.authz.candidate.decision";

    public static final String CANDIDATE_REASON = "sallyport.authz.candidate.reason";
    public static final String CANDIDATE_RULE = "sallyport.authz.candidate.rule";
    /** {@code within}, {@code exceeded} or {@code table_full}; absent where the route has no limit. */
    public static final String LIMIT = "sallyport.authz.limit";
    /** What was asked of OPA: {@code target/path} with {@code true}, {@code false} or {@code error}. */
    public static final String OPA = "sallyport.authz.opa";
    /** Of the last answer, where there is more to say than its word. */
    public static final String OPA_DETAIL = "sallyport.authz.opa.detail";
    /** What the rules of the route read: {@code header.NAME} and {@code query.NAME} with every value in the clear, in order; none where the request has none. */
    public static final String INPUTS = "sallyport.authz.input";
    /** The same for those that are recorded as keyed words. */
    public static final String INPUTS_KEYED = "sallyport.authz.input.keyed";

    public static final String DETAIL = "sallyport.authz.detail";
    public static final String TOKEN_RESULT = "sallyport.jwt.result";
    public static final String TOKEN_KEY_ID = "sallyport.jwt.kid";
    /** When the token ends, in seconds since 1970. */
    public static final String TOKEN_EXPIRES_AT = "sallyport.jwt.exp";
    /** The keyed word of the token's own id, where it has one: requests with the same token. */
    public static final String TOKEN_ID_HASH = "sallyport.jwt.jti_hash";
    /** When the token was issued, in seconds since 1970; absent where it does not say. */
    public static final String TOKEN_ISSUED_AT = "sallyport.jwt.iat";

    /** What the hop token was worth, or how an outbound request came by its user; absent where there was nothing to say. */
    public static final String USER_CARRIED = "sallyport.user.carried";
    /** The services that carried the user here, the one that verified the user's own token first, the caller last. */
    public static final String USER_VIA = "sallyport.user.via";

    public static final String USER_ISSUER = "sallyport.jwt.issuer";
    public static final String USER_SCOPES = "sallyport.jwt.scope_used";
    public static final String USER_CLAIMS = "sallyport.jwt.claims";
    public static final String USER_HASH = "user.hash";
    public static final String USER_ROLES = "user.roles";
    public static final String REVISION = "sallyport.config.revision";
    public static final String POLICY_DIGEST = "sallyport.config.digest";
    public static final String STATUS = "http.response.status_code";
    public static final String REQUEST_BYTES = "http.request.body.size";
    public static final String RESPONSE_BYTES = "http.response.body.size";
    /** Of a WebSocket or a TCP stream: what the client sent, and was sent, in octets of the tunnel. */
    public static final String RECEIVED_BYTES = "sallyport.stream.received_bytes";

    public static final String SENT_BYTES = "sallyport.stream.sent_bytes";
    public static final String DURATION_MICROS = "sallyport.duration_us";
    public static final String PROCESSING_MICROS = "sallyport.processing_us";
    public static final String TRACE_ID = "TraceId";
    public static final String UPSTREAM_ID = "sallyport.destination.principal";
    /** Of the certificate that the upstream showed. */
    public static final String UPSTREAM_SERIAL = "sallyport.tls.server.serial";

    public static final String UPSTREAM_FINGERPRINT = "tls.server.hash.sha256";
    /** Upstreams that were tried before, each with why it did not do. */
    public static final String ATTEMPTS = "sallyport.destination.tried";
    /** Of a request that was sent again. */
    public static final String RESENDS = "http.request.resend_count";

    public static final String UPSTREAM_ADDRESS = "sallyport.destination.address";
    public static final String UPSTREAM_SERVICE = "service.peer.name";
    /** True when a value was cut to keep the record under its bound. */
    public static final String TRUNCATED = "sallyport.truncated";
    /** What was left out before the record was hashed, because nothing allows it there: {@code url.path}, or an input by its name. Values never stand here. */
    public static final String REDACTED = "sallyport.redacted";

    /** Of a header: the file's number in its name. */
    public static final String FILE_NUMBER = "sallyport.audit.file";
    /** Of a header: what wrote it. */
    public static final String SERVICE_VERSION = "service.version";
    /** Of a gap: how many records a full ring or a failed disk cost since the last gap. */
    public static final String DROPPED_RECORDS = "sallyport.audit.dropped_records";
    /** Of a gap: how many of them were refused connections and denials, which have a quota of their own. */
    public static final String DROPPED_REFUSALS = "sallyport.audit.dropped_refusals";
    /** Of a header after a crash: how many numbers before its own no record has; they may have been used by records that the crash took. */
    public static final String SKIPPED_NUMBERS = "sallyport.audit.skipped_numbers";
    /** Of a recovery: at most so many records were lost with the crash. */
    public static final String LOST_MAX = "sallyport.audit.lost_records_max";
    /** Of a fault by which a new stream begins: the stream that the folder held before it was taken away. */
    public static final String PREVIOUS_STREAM = "sallyport.audit.previous_stream_id";
    /** Of a fault that passed: how long the disk did not answer. */
    public static final String HUNG_MILLIS = "sallyport.audit.hung_ms";
    /** Of a recovery: bytes that a crash tore off the end of the file before. */
    public static final String TORN_BYTES = "sallyport.audit.torn_bytes";
    /** Of a fault: bytes of the file before that may not have reached the disk. */
    public static final String UNFORCED_BYTES = "sallyport.audit.unforced_bytes";
    /** Of a request without a usable answer: our reason, or the upstream's status from 500. Of a fault of the log: what the disk answered. */
    public static final String ERROR_TYPE = "error.type";
    /** Of a heartbeat: requests ended since the process began, both directions, each on record by itself or among {@link #REPEATS}. */
    public static final String ALLOWED = "sallyport.audit.allowed";

    public static final String DENIED = "sallyport.audit.denied";
    /** Of a heartbeat: those that were allowed and got no usable answer, and those that nobody could judge. */
    public static final String ERRORS = "sallyport.audit.errors";

    public static final String REFUSED_CONNECTIONS = "sallyport.audit.refused_connections";
    /** Of a heartbeat: the certificate in use. */
    public static final String OWN_SERIAL = "sallyport.svid.serial";
    /** Of an end: records that this process wrote. Of a seal: how many records of its batch stand right before it. */
    public static final String RECORDS = "sallyport.audit.records";

    /** Of a seal: the object that travelled with the batch. */
    public static final String SEAL = "sallyport.audit.seal";
    /** Of an authority's certificate: PEM, and {@code root} or {@code intermediate}. */
    public static final String CERTIFICATE = "sallyport.audit.certificate";

    public static final String CERTIFICATE_ROLE = "sallyport.audit.certificate.role";
    /** Of a prune: the first index that stays, and the first that was still there. */
    public static final String PRUNE_BELOW = "sallyport.audit.prune.below";

    public static final String PRUNE_FROM = "sallyport.audit.prune.from";
    /** Of a finding: its number, kind, subject, {@code open} or {@code resolved}, and what it says. */
    public static final String FINDING_ID = "sallyport.audit.finding.id";

    public static final String FINDING_KIND = "sallyport.audit.finding.kind";
    public static final String FINDING_SUBJECT = "sallyport.audit.finding.subject";
    public static final String FINDING_STATE = "sallyport.audit.finding.state";
    public static final String FINDING_DETAIL = "sallyport.audit.finding.detail";

    private AuditFields() {}
}
