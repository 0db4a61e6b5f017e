package dev.sallyport.authoring.tests;

import dev.sallyport.document.Fields;
import java.util.Optional;

/** The service that a case or an invariant is about: {@code to}, else the test's. */
record Destination(References known, Optional<String> standard) {
    /** Empty text, with a problem, when nobody says it. */
    String read(Fields fields) {
        Optional<String> to = fields.optionalText("to");
        to.ifPresent(service -> known.service(fields.placed("to", service)));
        if (to.isEmpty() && standard.isEmpty() && known.set().isPresent()) {
            known.problems()
                    .add(
                            fields.location(),
                            fields.path("to"),
                            Codes.NO_DESTINATION,
                            "missing (expected: the called service, here, as service: in spec, or as the name of the test,"
                                    + " which is then that of a RoutePolicy)");
        }
        return to.or(() -> standard).orElse("");
    }
}
