package dev.sallyport.cli;

import static dev.sallyport.cli.testing.Ran.sallyport;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.cli.testing.StubControlPlane;
import dev.sallyport.identity.SpiffeId;
import dev.sallyport.identity.TrustBundle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An administrator's context lives through rotated roots, as long as it is used in time; and it takes a bundle from nobody whom it does not believe already. */
class ContextTrustTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String STATUS = "{\"mesh\":\"shop\",\"revision\":7}";

    @TempDir
    private Path folder;

    private TrustBundle old;
    private TrustBundle next;
    private TrustBundle both;

    @BeforeEach
    void roots() throws Exception {
        old = StubControlPlane.roots(folder, folder.resolve("ca"));
        next = StubControlPlane.roots(folder, folder.resolve("next-ca"));
        List<X509Certificate> all = new ArrayList<>(old.authorities());
        all.addAll(next.authorities());
        both = new TrustBundle(old.trustDomain(), all);
    }

    private StubControlPlane signedBy(String ca) throws Exception {
        return StubControlPlane.start(folder, SpiffeId.controlPlane(StubControlPlane.SHOP), folder.resolve(ca))
                .on("GET /v1/status", 200, STATUS)
                .on("GET /v1/sidecars", 200, "{\"sidecars\":[]}");
    }

    private static ObjectNode json(Path context) throws IOException {
        return (ObjectNode) JSON.readTree(Files.readString(context));
    }

    private static String held(Path context) throws IOException {
        return json(context).path("trustBundle").asText();
    }

    @Test
    void contextThatIsUsedWhileBothRootsAreTrustedOutlivesTheOldOne() throws Exception {
        ObjectNode before;
        try (StubControlPlane during = signedBy("ca")) {
            before = json(during.context);
            during.announce(both);
            sallyport("status", "--context", during.context).held();
            assertThat(held(during.context)).isEqualTo(both.toPem());
        }
        Path used = Files.copy(folder.resolve("admin.json"), folder.resolve("used.json"));
        Files.setPosixFilePermissions(used, PosixFilePermissions.fromString("rw-------"));
        try (StubControlPlane after = signedBy("next-ca")) {
            after.announce(next);
            sallyport("status", "--context", after.context).refused(1, "not believed", "admin.json again");
            ObjectNode here = json(used);
            here.set("api", json(after.context).path("api"));
            here.set("certificate", json(after.context).path("certificate"));
            here.set("privateKey", json(after.context).path("privateKey"));
            Files.writeString(used, here.toString());
            sallyport("status", "--context", used).held();
            assertThat(held(used)).isEqualTo(next.toPem());
            here.put("trustBundle", next.toPem());
            assertThat(json(used).toString()).as("all else stays").isEqualTo(here.toString());
        }
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(used)))
                .isEqualTo("rw-------");
        assertThat(before.path("mesh").asText()).isEqualTo("shop");
        try (var files = Files.list(folder)) {
            assertThat(files).noneMatch(file -> file.toString().endsWith(".part"));
        }
    }

    @Test
    void bundleThatIsKnownIsNeitherAskedForNorWritten() throws Exception {
        try (StubControlPlane stub = signedBy("ca")) {
            byte[] before = Files.readAllBytes(stub.context);
            stub.announce(old);
            sallyport("status", "--context", stub.context).held();
            assertThat(stub.requests).noneMatch(request -> request.path().equals("/v1/trust-bundle"));
            assertThat(stub.context).hasBinaryContent(before);
        }
    }

    @Test
    void bundleWithoutAnyRootThatIsHeldIsNotTaken() throws Exception {
        try (StubControlPlane stub = signedBy("ca")) {
            stub.announce(next);
            assertThat(sallyport("status", "--context", stub.context).held().err())
                    .contains("shares no root with the context's");
            assertThat(held(stub.context)).isEqualTo(old.toPem());
        }
    }

    @Test
    void bundleThatIsNoneIsNotTaken() throws Exception {
        try (StubControlPlane stub = signedBy("ca")) {
            stub.announce(both);
            stub.on("GET /v1/trust-bundle", 200, "{\"trustBundle\":\"nothing\"}");
            assertThat(sallyport("status", "--context", stub.context).held().err())
                    .contains("trust bundle is refused");
            stub.on("GET /v1/trust-bundle", 403, "{\"title\":\"Forbidden\",\"status\":403}");
            assertThat(sallyport("status", "--context", stub.context).held().err())
                    .contains("HTTP status 403");
            assertThat(held(stub.context)).isEqualTo(old.toPem());
        }
    }

    @Test
    void workloadIsNotListenedTo() throws Exception {
        SpiffeId workload = SpiffeId.parse("spiffe://shop.example/sa/payment");
        try (StubControlPlane stub = StubControlPlane.start(folder, workload, folder.resolve("ca"))) {
            stub.announce(both);
            sallyport("status", "--context", stub.context).refused(1, "not believed");
            assertThat(held(stub.context)).isEqualTo(old.toPem());
        }
    }

    @Test
    void contextThatCannotBeWrittenIsSaidAndHindersNothing() throws Exception {
        try (StubControlPlane stub = signedBy("ca")) {
            stub.announce(both);
            Path readOnly = Files.createDirectory(folder.resolve("read-only"));
            Path context = Files.copy(stub.context, readOnly.resolve("admin.json"));
            Files.setPosixFilePermissions(context, PosixFilePermissions.fromString("rw-------"));
            Files.setPosixFilePermissions(readOnly, PosixFilePermissions.fromString("r-x------"));
            org.junit.jupiter.api.Assumptions.assumeFalse(Files.isWritable(readOnly), "root writes everywhere");
            assertThat(sallyport("status", "--context", context).held().err())
                    .contains("cannot be written, and its trust bundle is out of date");
        }
    }

    @Test
    void linkToAContextStaysALink() throws Exception {
        try (StubControlPlane stub = signedBy("ca")) {
            stub.announce(both);
            Path link = Files.createSymbolicLink(folder.resolve("link.json"), stub.context);
            sallyport("status", "--context", link).held();
            assertThat(Files.isSymbolicLink(link)).isTrue();
            assertThat(held(stub.context)).isEqualTo(both.toPem());
        }
    }
}
