package dev.sallyport.proxy.admin;

import dev.sallyport.proxy.access.Tap;
import dev.sallyport.proxy.access.Taps;
import java.util.Optional;
import java.util.Set;

/** {@code /tap?denied=true&service-route=payment/charge&caller=spiffe://…&perSecond=100}: decisions as they are made. Any thread. */
final class TapPage {
    private static final Set<String> PARAMETERS = Set.of("denied", "service-route", "caller", "perSecond");
    private static final int PER_SECOND = 100;

    private final Taps taps;

    TapPage(Taps taps) {
        this.taps = taps;
    }

    Page open(PageRequest request) {
        Optional<String> unexpected = request.unexpected(PARAMETERS);
        if (unexpected.isPresent()) {
            return Page.text(
                    400,
                    "parameter " + PageRequest.shown(unexpected.get())
                            + " (expected: denied, service-route, caller, perSecond, each once)\n");
        }
        String denied = request.parameter("denied").orElse("false");
        if (!denied.equals("true") && !denied.equals("false")) {
            return Page.text(400, "denied: " + PageRequest.shown(denied) + " (expected: true or false)\n");
        }
        String perSecond = request.parameter("perSecond").orElse(Integer.toString(PER_SECOND));
        if (!perSecond.matches("[0-9]{1,4}")
                || Integer.parseInt(perSecond) < 1
                || Integer.parseInt(perSecond) > Tap.PER_SECOND_MAX) {
            return Page.text(
                    400,
                    "perSecond: " + PageRequest.shown(perSecond) + " (expected: 1 to " + Tap.PER_SECOND_MAX + ")\n");
        }
        return open(new Tap.Wish(
                denied.equals("true"),
                request.parameter("service-route"),
                request.parameter("caller"),
                Integer.parseInt(perSecond)));
    }

    private Page open(Tap.Wish wish) {
        Optional<Tap> tap = taps.open(wish);
        if (tap.isPresent()) {
            return Page.lines(stream(tap.get()));
        }
        return taps.ended()
                ? Page.text(503, "the sidecar is draining (expected: one that serves)\n")
                : Page.text(429, "taps: " + Taps.MAX + " are open (expected: fewer; end one of them)\n");
    }

    private static PageStream stream(Tap tap) {
        return new PageStream() {
            @Override
            public byte[] read() {
                return tap.read();
            }

            @Override
            public boolean ended() {
                return tap.ended();
            }

            @Override
            public void close() {
                tap.close();
            }
        };
    }
}
