package dev.sallyport.proxy.admin;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.sallyport.proxy.access.Taps;
import dev.sallyport.proxy.log.JsonText;
import java.security.MessageDigest;
import java.util.Optional;
import java.util.function.Function;

/**
 * The administrator's pages, on loopback and under a loopback {@code Host} only. Reading needs no more: there is no secret in any page. A change, and to watch what others do, needs the token of a 0600 file in a header,
 * which no web page can send by itself.
 */
public final class AdminPages implements Pages {
    static final String TOKEN_HEADER = "x-sallyport-admin-token";

    private final Function<String, Optional<Page>> state;
    private final LoggingPage logging;
    private final TapPage tap;
    private final byte[] token;
    private final Runnable drain;

    /** {@code configuration}: the process's own, without secrets; {@code drain} ends the process as a signal would. */
    public AdminPages(Observed observed, JsonText.Content configuration, String token, Taps taps, Runnable drain) {
        this(
                new AdminState(observed, configuration)::page,
                new LoggingPage(observed.clock()),
                new TapPage(taps),
                token,
                drain);
    }

    /** {@code state}: the page of a path that only shows. */
    AdminPages(Function<String, Optional<Page>> state, LoggingPage logging, TapPage tap, String token, Runnable drain) {
        this.state = state;
        this.logging = logging;
        this.tap = tap;
        this.token = token.getBytes(US_ASCII);
        this.drain = drain;
    }

    @Override
    public Page page(PageRequest request) {
        if (!request.hostIsLoopback()) {
            return Page.text(403, "Host is not this machine's loopback (expected: localhost or a loopback address)\n");
        }
        boolean post = request.method().equals("POST");
        if (!post && !request.get()) {
            return Page.text(405, "method " + PageRequest.shown(request.method()) + " (expected: GET or POST)\n");
        }
        return switch (request.path()) {
            case "/drain" -> post ? administrator(request, this::drain) : Page.text(405, "POST only\n");
            case "/logging" -> post ? administrator(request, logging::change) : logging.show();
            case "/tap" -> post ? getOnly() : administrator(request, tap::open);
            default -> post ? getOnly() : state.apply(request.path()).orElseGet(Page::notFound);
        };
    }

    private static Page getOnly() {
        return Page.text(405, "GET only\n");
    }

    private Page administrator(PageRequest request, Pages pages) {
        // Constant time: a neighbour on this machine must not find the token byte by byte.
        if (request.tokens().size() != 1
                || !MessageDigest.isEqual(request.tokens().getFirst().getBytes(US_ASCII), token)) {
            return Page.text(
                    403,
                    "header " + TOKEN_HEADER
                            + " missing or wrong (expected: the content of admin-token in the state folder)\n");
        }
        return pages.page(request);
    }

    private Page drain(PageRequest request) {
        drain.run();
        return Page.text(202, "draining\n");
    }
}
