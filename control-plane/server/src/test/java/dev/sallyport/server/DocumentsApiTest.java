package dev.sallyport.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.authoring.schema.Schemas;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Documents over the API: whole sets, against the revision that the author saw, or not at all. */
class DocumentsApiTest {
    @TempDir
    Path folder;

    @SuppressWarnings("NullAway.Init") // Each test starts the one it needs.
    private TestMesh mesh;

    @AfterEach
    void stop() {
        mesh.close();
    }

    private static Map<String, String> set(String back) {
        Map<String, String> sources = new LinkedHashMap<>();
        sources.put("mesh.yaml", TestMesh.MESH_DOCUMENT);
        sources.put("back.yaml", back);
        return sources;
    }

    @Test
    void schemasAreServedForEditors() throws Exception {
        mesh = TestMesh.withApi(folder);

        HttpResponse<String> all = mesh.api("GET", "/schema/v1.json", "");

        assertThat(all.statusCode()).isEqualTo(200);
        assertThat(all.headers().firstValue("content-type")).contains("application/schema+json");
        assertThat(all.body()).isEqualTo(Schemas.all());
        assertThat(mesh.api("GET", "/schema/v1/RoutePolicy.json", "").body())
                .isEqualTo(Schemas.of("RoutePolicy").orElseThrow());
        assertThat(mesh.api("GET", "/schema/v1/Gateway.json", "").statusCode()).isEqualTo(404);
        assertThat(mesh.api("POST", "/schema/v1.json", "{}").statusCode()).isEqualTo(405);
    }

    @Test
    void aSetCountsWholeOrNotAtAllAndRevisionsHaveNoGaps() throws Exception {
        mesh = TestMesh.withApi(folder);
        assertThat(mesh.api("GET", "/v1/documents", "").headers().firstValue("etag"))
                .contains("\"0\"");
        assertThat(mesh.put("\"0\"", set(TestMesh.BACK_DOCUMENT)).statusCode()).isEqualTo(200);

        HttpResponse<String> stale = mesh.put("\"0\"", set(TestMesh.BACK_DOCUMENT));
        assertThat(stale.statusCode()).isEqualTo(412);
        assertThat(stale.body()).contains("\\\"1\\\"");

        String twoProblems = TestMesh.BACK_DOCUMENT.replace("allow:", "alow:").replace("service: back", "service: bak");
        HttpResponse<String> refused = mesh.put("\"1\"", set(twoProblems));
        assertThat(refused.statusCode()).isEqualTo(422);
        JsonNode errors = TestMesh.JSON.readTree(refused.body()).path("errors");
        assertThat(errors.size()).as(refused.body()).isGreaterThan(1);
        assertThat(errors.findValuesAsText("location")).allMatch(place -> place.startsWith("back.yaml:"));

        HttpResponse<String> second = mesh.put("\"1\"", set(TestMesh.BACK_DOCUMENT.replace("/things/", "/items/")));
        assertThat(TestMesh.JSON.readTree(second.body()).path("revision").asLong())
                .isEqualTo(2);
        HttpResponse<String> text = mesh.api("GET", "/v1/documents/RoutePolicy/back", "");
        assertThat(text.body()).contains("/items/").contains("kind: RoutePolicy");
        assertThat(text.headers().firstValue("content-type")).contains("application/yaml");
        assertThat(mesh.api("GET", "/v1/documents/RoutePolicy/none", "").statusCode())
                .isEqualTo(404);
        assertChangeLogIsWhole(List.of("1", "2"));
    }

    private void assertChangeLogIsWhole(List<String> revisions) {
        var store = mesh.controlPlane.foundation().store();
        var rows = store.read(handle -> handle.createQuery("select * from change_log order by revision")
                .mapToMap()
                .list());
        assertThat(rows).extracting(row -> String.valueOf(row.get("revision"))).isEqualTo(revisions);
        assertThat(rows).extracting(row -> row.get("actor")).containsOnly("administrator");
        assertThat(rows.get(1)).containsEntry("previous", rows.get(0).get("hash"));
        assertThat(rows.get(0)).containsEntry("previous", "0".repeat(64));
    }

    @Test
    void writesNeedThePreconditionTheTypeAndTheForm() throws Exception {
        mesh = TestMesh.withApi(folder);
        assertThat(mesh.api("PUT", "/v1/documents", "{\"sources\":[]}").statusCode())
                .isEqualTo(428);
        assertThat(mesh.api("PUT", "/v1/documents", "{\"sources\":[]}", "if-match", "\"0\"")
                        .statusCode())
                .isEqualTo(400);
        assertThat(mesh.api("PUT", "/v1/documents", "{\"sources\":1,\"sources\":2}", "if-match", "\"0\"")
                        .body())
                .contains("SP0002");
        assertThat(mesh.api("PUT", "/v1/documents", "", "if-match", "\"0\"").statusCode())
                .isEqualTo(415);
        HttpResponse<String> token = mesh.api("POST", "/v1/join-tokens", "{\"service\":\"back\"}");
        assertThat(token.statusCode()).as("no such service yet").isEqualTo(404);
        assertThat(mesh.api("POST", "/v1/join-tokens", "{\"service\":\"back\",\"lief\":\"1h\"}")
                        .body())
                .contains("did you mean life");
    }

    @Test
    void trustDomainAndMeshNameNeverChange() throws Exception {
        mesh = TestMesh.withApi(folder);
        for (String[] change : new String[][] {
            {"small.example", "other.example", "spec.trustDomain"}, {"name: small", "name: tiny", "metadata.name"}
        }) {
            Map<String, String> sources = set(TestMesh.BACK_DOCUMENT);
            sources.replaceAll((_, text) -> text.replace(change[0], change[1]));
            HttpResponse<String> refused = mesh.put("\"0\"", sources);
            assertThat(refused.statusCode()).isEqualTo(422);
            assertThat(refused.body()).contains(change[2]);
        }
        assertThat(mesh.get("/v1/status").path("revision").asLong()).isZero();
    }

    @Test
    void folderIsTheOnlyAuthorWhenThereIsOne() throws Exception {
        mesh = TestMesh.withFolder(folder);
        HttpResponse<String> refused = mesh.put("\"1\"", set(TestMesh.BACK_DOCUMENT));
        assertThat(refused.statusCode()).isEqualTo(409);
        assertThat(refused.body()).contains("the documents folder " + mesh.documents() + " is the only author");
        assertThat(mesh.get("/v1/documents").path("documents").findValuesAsText("name"))
                .containsExactly("back", "small");
    }

    @Test
    void nothingSecretStandsInStateThatOthersCouldReadOrInAnswers() throws Exception {
        mesh = TestMesh.withFolder(folder);
        String token = mesh.joinFile("back").token();
        try (var files = Files.walk(mesh.state())) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                assertThat(Files.getPosixFilePermissions(file))
                        .as(file.toString())
                        .allMatch(right -> right.name().startsWith("OWNER"));
                String content = Files.readString(file, java.nio.charset.StandardCharsets.ISO_8859_1);
                assertThat(content).as(file.toString()).doesNotContain(token);
                if (!file.endsWith("admin.json")) {
                    assertThat(content)
                            .as(file.toString())
                            .doesNotContain("PRIVATE KEY")
                            .doesNotContain("\"d\":");
                }
            }
        }
        assertThat(mesh.api("GET", "/v1/status", "").body()).doesNotContain("PRIVATE");
    }

    /** In a mesh of its own: it leaves nobody else room to enrol. */
    @Test
    void aFloodOfEnrolmentsIsToldToComeBackLater() throws Exception {
        mesh = TestMesh.withApi(folder);
        HttpClient client = mesh.client();
        HttpRequest question = TestSidecar.post(mesh.controlPlane.enrolment(), "/v1/enrol", new byte[0]);
        // The first alone: what follows shares its connection.
        assertThat(client.send(question, HttpResponse.BodyHandlers.ofString()).statusCode())
                .isEqualTo(400);
        List<HttpResponse<String>> late = IntStream.range(0, 800)
                .mapToObj(_ -> client.sendAsync(question, HttpResponse.BodyHandlers.ofString()))
                .toList()
                .stream()
                .map(CompletableFuture::join)
                .filter(answer -> answer.statusCode() == 429)
                .toList();
        assertThat(late).isNotEmpty().allSatisfy(answer -> {
            assertThat(answer.headers().firstValue("retry-after")).contains("1");
            assertThat(answer.headers().firstValue("content-type")).contains("application/problem+json");
        });
    }
}
