package dev.sallyport.server.ca;

import dev.sallyport.server.ca.TestFleet.Sidecar;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Two sidecars, each with a certificate of the first authority. */
abstract class RotationCase {
    @TempDir
    Path state;

    Rig rig;
    Sidecar front;
    Sidecar back;

    @BeforeEach
    void start() throws Exception {
        rig = new Rig(state);
        front = rig.fleet.join("front", "f1");
        back = rig.fleet.join("back", "b1");
    }

    @AfterEach
    void stop() {
        rig.close();
    }
}
