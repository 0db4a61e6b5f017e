package dev.sallyport.authority.vault;

import dev.sallyport.demo.bao.BaoServer;
import java.nio.file.Files;
import java.util.Optional;

/** The real server of all tests that leave it running as it was. Whoever seals, freezes or stops one starts its own. It ends with this process. */
public final class SharedBao {
    private static Optional<BaoServer> started = Optional.empty();

    private SharedBao() {}

    public static synchronized BaoServer server() throws Exception {
        if (started.isEmpty()) {
            started = Optional.of(BaoServer.start(Files.createTempDirectory("bao")));
        }
        return started.get();
    }
}
