package dev.sallyport.proxy;

import static dev.sallyport.proxy.testing.Forge.quoted;
import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.jwk.ECKey;
import dev.sallyport.proxy.testing.Forge;
import dev.sallyport.proxy.testing.UserTokens;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Attack 64: many bad tokens, in a mesh of its own, so that what a peer may send is used up for nobody else. */
@Timeout(60)
class TokenFloodTest {
    /** Of one peer. Whether it is refused for its tokens or, later, for their number, is the same to those who are served. */
    @Test
    void floodOfForgedTokensIsRefusedOneByOneAndTheKnownUserIsServedOn(@TempDir Path folder) throws Exception {
        ECKey stranger = Forge.key("one");
        try (Hop flooded = Hop.open(folder, Map.of());
                RawClient user = flooded.inbound();
                RawClient flood = flooded.inbound()) {
            String alice = Door.head("GET /mine", UserTokens.bearer(flooded.mesh.issuerKey));
            user.send(alice).until("\r\n\r\nok");
            for (int round = 0; round < 4; round++) {
                StringBuilder requests = new StringBuilder();
                for (int i = 0; i < 40; i++) {
                    requests.append(
                            Door.head("GET /mine", UserTokens.bearer(stranger, "jti", quoted(round + "/" + i))));
                }
                flood.send(requests.toString());
                user.send(alice).until("\r\n\r\nok");
                for (int i = 0; i < 40; i++) {
                    assertThat(flood.until("}")).matches(Pattern.compile("HTTP/1\\.1 (401|429) .*", Pattern.DOTALL));
                }
            }
            user.send(alice).until("\r\n\r\nok");
            assertThat(flooded.application.received().split("x-sallyport-user: alice\r\n", -1))
                    .hasSize(1 + 6);
        }
    }
}
