package dev.sallyport.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A header that a rule reads is the header that the application gets, or the request is refused. */
@Timeout(30)
class HeaderConditionTest {
    private static final String POLICY = """
            apiVersion: sallyport.dev/v1
            kind: RoutePolicy
            metadata: {name: orders}
            spec:
              service: orders
              routes:
                dry:
                  match: POST /charges
                  headers: {x-dry-run: "true"}
                  allow: {web: {from: [web], user: none}}
            """;

    private static Door door;

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        door = Door.open(folder, POLICY);
    }

    @AfterAll
    static void stop() {
        door.close();
    }

    @BeforeEach
    void forget() throws Exception {
        door.forget();
    }

    @Test
    void headerThatTheRuleReadReachesTheApplication() throws Exception {
        assertThat(door.ask("web", "POST /charges", "x-dry-run: true", "Content-Length: 0"))
                .startsWith("HTTP/1.1 200 ");
        assertThat(door.application.last().headers().get("x-dry-run")).containsExactly("true");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Connection: x-dry-run", "Connection: X-Dry-Run, keep-alive"})
    void headerThatItsSenderTakesAwayIsNotRead(String connection) throws Exception {
        String response = door.ask("web", "POST /charges", "x-dry-run: true", connection, "Content-Length: 0");

        assertThat(response).startsWith("HTTP/1.1 403 ");
        assertThat(door.record().reason).isEqualTo("condition_false");
        assertThat(door.application.seen).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"x_dry_run: false", "X_Dry-Run: true", "x-dry-run: true"})
    void headerThatIsThereTwiceInAnySpellingIsDoubt(String second) throws Exception {
        String response = door.ask("web", "POST /charges", "x-dry-run: true", second, "Content-Length: 0");

        assertThat(response).startsWith("HTTP/1.1 403 ");
        assertThat(door.record().reason).isEqualTo("condition_error");
        assertThat(door.application.seen).isEmpty();
    }

    @Test
    void otherSpellingAloneIsDoubtToo() throws Exception {
        assertThat(door.ask("web", "POST /charges", "x_dry_run: true", "Content-Length: 0"))
                .startsWith("HTTP/1.1 403 ");
        assertThat(door.record().reason).isEqualTo("condition_error");
        assertThat(door.application.seen).isEmpty();
    }
}
