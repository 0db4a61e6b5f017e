package dev.sallyport.server.http;

import com.linecorp.armeria.common.AggregatedHttpRequest;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.server.Route;
import com.linecorp.armeria.server.ServerBuilder;
import com.linecorp.armeria.server.ServiceRequestContext;
import dev.sallyport.document.Fields;
import dev.sallyport.document.InvalidDocumentException;
import dev.sallyport.document.Node;
import dev.sallyport.document.Source;
import dev.sallyport.server.http.Problem.ProblemException;
import dev.sallyport.server.mesh.FolderAuthor;
import dev.sallyport.server.mesh.PolicyStore;
import dev.sallyport.server.mesh.PolicyVersion;
import dev.sallyport.server.mesh.StaleRevisionException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Documents on 15015: read, and put as a whole set against the revision that the author saw. What else people may ask is in {@link Operations}, {@link DrillPages} and {@link SchemaPages}. */
public final class Api {
    private static final MediaType YAML = MediaType.create("application", "yaml");

    private final PolicyStore documents;
    private final Optional<FolderAuthor> folder;
    private final List<Routes> further;

    /** {@code folder} present: it is the only author, and writes answer 409. */
    public Api(PolicyStore documents, Optional<FolderAuthor> folder, List<Routes> further) {
        this.documents = documents;
        this.folder = folder;
        this.further = List.copyOf(further);
    }

    public void serve(ServerBuilder server) {
        server.maxRequestLength(Json.BODY_BYTES_MAX);
        route(server, HttpMethod.GET, "/v1/documents", (_, _) -> list());
        route(server, HttpMethod.GET, "/v1/documents/{kind}/{name}", (context, _) -> get(context));
        route(server, HttpMethod.PUT, "/v1/documents", this::put);
        SchemaPages.serve(server);
        further.forEach(routes -> routes.serve(server));
    }

    /** Every handler begins with who asks: the trust manager accepted the chain, this reads the name. */
    static void route(ServerBuilder server, HttpMethod method, String path, Handler handler) {
        Handler known = (context, request) -> {
            Person person = Person.of(context);
            if (method != HttpMethod.GET) {
                person.asAdmin();
            }
            return handler.answer(context, request);
        };
        server.service(Route.builder().methods(method).path(path).build(), known.service());
    }

    private record Listing(long revision, String digest, List<Line> documents) {}

    private record Line(String kind, String name, String source) {}

    private HttpResponse list() {
        Optional<PolicyVersion> version = documents.current();
        List<Line> lines = stored().stream()
                .map(document -> new Line(document.kind(), document.name(), document.source()))
                .toList();
        Listing listing = new Listing(
                version.map(PolicyVersion::revision).orElse(0L),
                version.map(PolicyVersion::digest).orElse(""),
                lines);
        return HttpResponse.of(headers(MediaType.JSON, listing.revision()), HttpData.wrap(Json.bytes(listing)));
    }

    private HttpResponse get(ServiceRequestContext context) throws ProblemException {
        String kind = String.valueOf(context.pathParam("kind"));
        String name = String.valueOf(context.pathParam("name"));
        long revision = documents.revision();
        StoredDocument found = stored().stream()
                .filter(document ->
                        document.kind().equals(kind) && document.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new ProblemException(
                        HttpStatus.NOT_FOUND, kind + "/" + name + ": revision " + revision + " has no such document"));
        return HttpResponse.of(headers(YAML, revision), HttpData.ofUtf8(found.text()));
    }

    private List<StoredDocument> stored() {
        return documents
                .current()
                .map(version -> StoredDocument.of(version.sources()))
                .orElse(List.of());
    }

    private static ResponseHeaders headers(MediaType type, long revision) {
        return ResponseHeaders.builder(HttpStatus.OK)
                .contentType(type)
                .add(HttpHeaderNames.ETAG, etag(revision))
                .build();
    }

    private static String etag(long revision) {
        return "\"" + revision + "\"";
    }

    private record Accepted(long revision, String digest) {}

    private HttpResponse put(ServiceRequestContext context, AggregatedHttpRequest request) throws ProblemException {
        if (folder.isPresent()) {
            throw new ProblemException(
                    HttpStatus.CONFLICT, "the documents folder " + folder.get().folder() + " is the only author");
        }
        long seen = seen(request);
        List<Source> sources = Json.read(request, Api::sources);
        try {
            PolicyVersion version =
                    documents.replace(sources, Person.of(context).name(), OptionalLong.of(seen));
            return HttpResponse.of(
                    headers(MediaType.JSON, version.revision()),
                    HttpData.wrap(Json.bytes(new Accepted(version.revision(), version.digest()))));
        } catch (StaleRevisionException e) {
            throw new ProblemException(HttpStatus.PRECONDITION_FAILED, String.valueOf(e.getMessage()));
        } catch (InvalidDocumentException e) {
            int count = e.problems().size();
            throw new ProblemException(
                    HttpStatus.UNPROCESSABLE_ENTITY,
                    count + (count == 1 ? " problem" : " problems") + "; revision " + documents.revision()
                            + " stays in force",
                    Problem.items(e.problems()));
        }
    }

    private long seen(AggregatedHttpRequest request) throws ProblemException {
        String match = request.headers().get(HttpHeaderNames.IF_MATCH);
        if (match == null) {
            throw new ProblemException(
                    HttpStatus.PRECONDITION_REQUIRED,
                    "If-Match: missing (expected: the ETag of the documents that the change was made against)");
        }
        long revision = documents.revision();
        if (!match.equals(etag(revision))) {
            throw new ProblemException(
                    HttpStatus.PRECONDITION_FAILED,
                    "If-Match: " + match + " (expected: " + etag(revision) + ", which is in force)");
        }
        return revision;
    }

    private static List<Source> sources(Fields body) {
        List<Source> sources = new ArrayList<>();
        Optional<Node> list = body.node("sources");
        if (list.isPresent()
                && list.get() instanceof Node.Sequence sequence
                && !sequence.items().isEmpty()) {
            for (int i = 0; i < sequence.items().size(); i++) {
                Fields source = Fields.of(sequence.items().get(i), "sources[" + i + "]", body.problems());
                sources.add(new Source(source.text("name"), source.text("text")));
                source.done();
            }
        } else {
            body.missing("sources", "a list of {name, text}");
        }
        if (sources.stream().map(Source::name).distinct().count() != sources.size()) {
            body.problem("sources", dev.sallyport.document.Code.VALUE, "two of one name (expected: each name once)");
        }
        return sources;
    }
}
