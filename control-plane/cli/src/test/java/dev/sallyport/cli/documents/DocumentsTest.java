package dev.sallyport.cli.documents;

import static dev.sallyport.cli.testing.Ran.sallyport;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sallyport.cli.testing.Ran;
import dev.sallyport.cli.testing.ShopDocuments;
import dev.sallyport.cli.testing.StubControlPlane;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DocumentsTest {
    private static final String LIST = """
            {"revision":7,"digest":"0123456789abcdef","documents":[
              {"kind":"Mesh","name":"shop","source":"mesh.yaml"},
              {"kind":"RoutePolicy","name":"payment","source":"payment.yaml"}]}""";

    @TempDir
    private Path folder;

    private StubControlPlane stub;
    private Path documents;

    @BeforeEach
    void start() throws Exception {
        stub = StubControlPlane.start(folder).on("GET /v1/documents", 200, LIST);
        documents = ShopDocuments.write(folder.resolve("documents"));
    }

    @AfterEach
    void stop() {
        stub.close();
    }

    @Test
    void documentsInForceAreListedAndShown() {
        stub.on("GET /v1/documents/Mesh/shop", 200, "kind: Mesh\n")
                .on("GET /v1/documents/RoutePolicy/payment", 200, "kind: RoutePolicy");

        assertThat(get("documents").out())
                .isEqualTo(
                        "KIND         NAME     SOURCE\nMesh         shop     mesh.yaml\nRoutePolicy  payment  payment.yaml\n");
        assertThat(get("Mesh", "shop").out()).isEqualTo("kind: Mesh\n");
        assertThat(get("documents", "-o", "yaml").out()).isEqualTo("---\nkind: Mesh\n---\nkind: RoutePolicy\n");
        assertThat(get("documents", "-o", "json").json().path("revision").asLong())
                .isEqualTo(7);
        sallyport("get", "Mesh", "shp", "--context", stub.context).refused(1, "control plane: Not Found");
    }

    @Test
    void wholeSetIsPutOnTopOfTheRevisionThatWasRead() throws Exception {
        stub.on("PUT /v1/documents", 200, "{\"revision\":8,\"digest\":\"abcdef0123456789\"}");

        assertThat(apply().held().out()).isEqualTo("the set abcdef012345 is live as revision 8\n");

        StubControlPlane.Request put = stub.requests.getLast();
        assertThat(put.headers().get("If-match")).isEqualTo(List.of("\"7\""));
        JsonNode sources = new ObjectMapper().readTree(put.body()).path("sources");
        assertThat(sources.findValuesAsText("name")).containsExactly("mesh.yaml", "payment.yaml");
        assertThat(sources.path(1).path("text").asText()).isEqualTo(ShopDocuments.PAYMENT);
    }

    @Test
    void mistakeIsFoundBeforeAnythingIsSent() throws Exception {
        Files.writeString(
                documents.resolve("payment.yaml"), ShopDocuments.PAYMENT.replace("from: [orders]", "from: [ordrs]"));

        apply().refused(3, "documents: 1 problem", "nothing was sent", "payment.yaml:7:", "ordrs");

        assertThat(stub.requests).isEmpty();
    }

    @Test
    void dryRunSendsNothing() {
        assertThat(apply("--dry-run").held().out()).contains("would replace revision 7");
        assertThat(stub.requests).hasSize(1);
    }

    @Test
    void refusalsOfTheControlPlaneAreSentences() {
        stub.on("PUT /v1/documents", 409, problem(409, "the documents folder /srv/docs is the only author", ""));
        apply().refused(1, "control plane: the documents folder /srv/docs is the only author");

        stub.on(
                "PUT /v1/documents",
                412,
                problem(412, "revision 7 is not the current one, 8 (expected: If-Match of the current revision)", ""));
        apply().refused(1, "revision 7 is not the current one");

        stub.on(
                "PUT /v1/documents",
                422,
                problem(
                        422,
                        "2 problems",
                        ",\"errors\":[{\"location\":\"mesh.yaml:3:1\",\"path\":\"spec.a\",\"code\":\"SP0010\",\"message\":\"unknown\"},"
                                + "{\"location\":\"mesh.yaml:4:1\",\"path\":\"\",\"code\":\"SP0001\",\"message\":\"no YAML\"}]"));
        assertThat(apply().refused(3, "2 problems").err())
                .isEqualTo(
                        "sallyport: control plane: 2 problems\nmesh.yaml:3:1: SP0010 spec.a: unknown\nmesh.yaml:4:1: SP0001 no YAML\n");
    }

    @Test
    void waitEndsWhenEverySidecarHasAppliedIt() {
        stub.on("PUT /v1/documents", 200, "{\"revision\":8,\"digest\":\"abcdef0123456789\"}")
                .on("GET /v1/status", 200, "{\"revision\":8}")
                .on("GET /v1/sidecars", 200, sidecars(8, ""));
        assertThat(apply("--wait").held().err()).contains("applied by every connected sidecar");

        stub.on("GET /v1/sidecars", 200, sidecars(7, ""));
        apply("--wait", "--timeout", "100ms")
                .refused(7, "revision 8: not everywhere after 100ms", "payment i1: at revision 7");

        stub.on("GET /v1/sidecars", 200, sidecars(8, ",\"refused\":\"too many routes\""));
        apply("--wait").refused(1, "refused by payment i1: too many routes");
    }

    private static String sidecars(long revision, String more) {
        return "{\"sidecars\":[{\"service\":\"payment\",\"instance\":\"i1\",\"connected\":true,\"acked\":{\"epoch\":1,\"revision\":"
                + revision + more + "}},{\"service\":\"gone\",\"instance\":\"i2\",\"connected\":false}]}";
    }

    private static String problem(int status, String detail, String more) {
        return "{\"title\":\"t\",\"status\":" + status + ",\"detail\":\"" + detail + "\"" + more + "}";
    }

    private Ran apply(String... more) {
        List<Object> arguments =
                new java.util.ArrayList<>(List.of("apply", "-f", documents, "--context", stub.context));
        arguments.addAll(List.of(more));
        return sallyport(arguments.toArray());
    }

    private Ran get(String... words) {
        List<Object> arguments = new java.util.ArrayList<>(List.of("get", "--context", stub.context));
        arguments.addAll(List.of(words));
        return sallyport(arguments.toArray()).held();
    }
}
