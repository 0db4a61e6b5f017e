package dev.sallyport.server.ca;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where it is put on record what happens to authorities. Called after what it tells is durable; any thread; may block. */
@FunctionalInterface
public interface CaEvents {
    /** {@code what}: a stable word, as {@code rotation.activate}; {@code detail}: a line for people, without secrets. */
    void record(String what, String detail);

    /** The process's log. */
    static CaEvents logged() {
        Logger log = LoggerFactory.getLogger(CaEvents.class);
        return (what, detail) -> log.info("{}: {}", what, detail);
    }
}
