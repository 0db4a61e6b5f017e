package dev.sallyport.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Drills on a mesh of real processes: leaves, an authority that signs nothing, and the root, each under requests of which none fails. */
class DrillTest {
    @TempDir
    Path folder;

    @Test
    void nobodyNoticesARotationAnAuthorityThatIsAwayOrANewRoot() throws Exception {
        try (Mesh mesh = Mesh.start(folder, "--outage-minimum", "6h")) {
            Running back = mesh.startBack();
            Running front = mesh.startFront();
            mesh.createToken("back");
            mesh.createToken("front");
            back.ready();
            JsonNode ready = front.ready();
            String probe = "http://" + ready.at("/upstreams/back").asText() + "/things/1";

            for (String kind : new String[] {"rotation", "authority-outage", "root"}) {
                JsonNode drill = mesh.json(
                        "certs",
                        "drill",
                        kind,
                        "--duration",
                        "3s",
                        "--timeout",
                        "45s",
                        "--probe",
                        probe,
                        "--metrics",
                        back.text("metrics"),
                        "-o",
                        "json");
                assertThat(drill.path("passed").asBoolean())
                        .as(drill.toString())
                        .isTrue();
                assertThat(drill.path("requests").asInt()).as(kind).isGreaterThan(100);
                assertThat(drill.at("/sidecars/requests").asInt()).as(kind).isGreaterThan(100);
                assertThat(drill.path("before").toString()).contains("spiffe://small.example/sa/");
            }
            JsonNode kept = mesh.json("certs", "drill", "list", "-o", "json").path("drills");
            assertThat(kept.findValuesAsText("kind")).containsExactly("root", "authority-outage", "rotation");
            assertThat(mesh.command("check")).contains("outage budget\n-------------\n√ if the control plane died now");
        }
    }
}
