package dev.sallyport.authority.vault;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What an operator should hear of between us and Vault. Texts hold no secret. Called from any thread; must not block. */
public interface VaultEvents {
    /** Somebody else may hold what only we should have had. */
    void security(String what);

    /** Something will fail, or fails, until an operator acts. Said once, not with every attempt. */
    void warning(String what);

    /** A change for the better or of course. */
    void info(String what);

    /** Into the log; security events as errors. */
    static VaultEvents logged() {
        Logger log = LoggerFactory.getLogger(VaultEvents.class);
        return new VaultEvents() {
            @Override
            public void security(String what) {
                log.error("security event: {}", what);
            }

            @Override
            public void warning(String what) {
                log.warn("{}", what);
            }

            @Override
            public void info(String what) {
                log.info("{}", what);
            }
        };
    }
}
