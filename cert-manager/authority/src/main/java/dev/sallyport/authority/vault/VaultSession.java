package dev.sallyport.authority.vault;

import dev.sallyport.authority.vault.VaultException.Kind;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Vault as we may use it: logs in when first needed, renews the token at half of its lease, logs in anew when it can no longer be renewed or Vault does not know it any more. One login
 * for all callers, once per refusal; after one that did not help comes a pause of 1 s to 1 min, in which nothing is sent for it. The token is in memory only. Any thread.
 */
public final class VaultSession implements Vault, AutoCloseable {
    private static final Duration RETRY_MIN = Duration.ofSeconds(1);

    /** For one login under way and one's own. */
    private static final Duration TURN_MAX = Duration.ofSeconds(2L * VaultGateway.CALL_SECONDS_MAX);

    /** We use a handful of paths. */
    private static final int FORBIDDEN_MAX = 64;

    private static final String TOKEN = "auth/token/";

    private final VaultGateway gateway;
    private final Login login;
    private final VaultEvents events;
    private final InstantSource clock;
    private final RandomGenerator random = RandomGenerator.getDefault();
    private final Pause logins = new Pause(random);
    /** By path: what one may not do must not keep another from a token. */
    private final Map<String, Pause> forbidden = new ConcurrentHashMap<>();

    private final ReentrantLock turn = new ReentrantLock();
    private final ScheduledExecutorService renewals = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("vault-token").factory());

    // Written in turn only, as the rest.
    private volatile @Nullable VaultToken token;
    private Optional<Duration> fullLease = Optional.empty();
    private @Nullable ScheduledFuture<?> due;

    private VaultSession(VaultGateway gateway, VaultAuth auth, VaultEvents events, InstantSource clock) {
        this.gateway = gateway;
        this.login = new Login(gateway, auth, events);
        this.events = events;
        this.clock = clock;
    }

    /** Reads the files of TLS; nothing is sent yet. IOException names the file at fault. {@code clock} is asked only how far the end of a secret id is. */
    public static VaultSession open(VaultSettings settings, VaultEvents events, InstantSource clock)
            throws IOException {
        return new VaultSession(VaultGateway.open(settings), settings.auth(), events, clock);
    }

    @Override
    public VaultAnswer read(String path) throws VaultException {
        return call(path, vault -> vault.read(path));
    }

    @Override
    public VaultAnswer list(String path) throws VaultException {
        return call(path, vault -> vault.list(path));
    }

    @Override
    public VaultAnswer write(String path, Map<String, ?> fields) throws VaultException {
        return call(path, vault -> vault.write(path, fields));
    }

    @Override
    public VaultAnswer delete(String path) throws VaultException {
        return call(path, vault -> vault.delete(path));
    }

    /** For what needs no token: a PKI mount's issuers, and health. */
    public VaultGateway gateway() {
        return gateway;
    }

    @FunctionalInterface
    private interface Call {
        VaultAnswer on(Vault vault) throws VaultException;
    }

    private VaultAnswer call(String path, Call call) throws VaultException {
        VaultToken used = tokenOrLogin();
        try {
            return call.on(gateway.as(used.value()));
        } catch (VaultException e) {
            if (e.kind() != Kind.FORBIDDEN || pauseOf(path).running().isPresent()) {
                throw e;
            }
            return again(path, call, used);
        }
    }

    /** With another token: the refused one may have been revoked. If the policy is at fault this does not help, and is not done again for this path for a while. */
    private VaultAnswer again(String path, Call call, VaultToken refused) throws VaultException {
        VaultToken other = inTurn(() -> {
            VaultToken meanwhile = token;
            return meanwhile != null && !meanwhile.value().equals(refused.value()) ? meanwhile : login();
        });
        try {
            return call.on(gateway.as(other.value()));
        } catch (VaultException e) {
            if (e.kind() == Kind.FORBIDDEN) {
                failed(pauseOf(path), e);
            }
            throw e;
        }
    }

    private Pause pauseOf(String path) {
        if (forbidden.size() >= FORBIDDEN_MAX) {
            forbidden.clear();
        }
        return forbidden.computeIfAbsent(path, _ -> new Pause(random));
    }

    private VaultToken tokenOrLogin() throws VaultException {
        VaultToken current = token;
        return current != null
                ? current
                : inTurn(() -> {
                    VaultToken meanwhile = token;
                    return meanwhile != null ? meanwhile : login();
                });
    }

    private VaultToken login() throws VaultException {
        Optional<VaultException> running = logins.running();
        if (running.isPresent()) {
            throw running.get();
        }
        try {
            VaultToken fresh = login.login();
            fullLease = fresh.lease();
            take(fresh);
            login.checkSecretId(fresh.value(), clock.instant());
            return fresh;
        } catch (VaultException e) {
            failed(logins, e);
            throw e;
        }
    }

    private void failed(Pause pause, VaultException why) {
        if (pause.failed(why)) {
            events.warning(String.valueOf(why.getMessage()));
        }
    }

    private void take(VaultToken fresh) {
        token = fresh;
        fresh.renewAfter(random).ifPresent(this::schedule);
    }

    /** Instead of what was due before: one renewal is under way at any time. */
    private void schedule(Duration after) {
        ScheduledFuture<?> before = due;
        if (before != null) {
            before.cancel(false);
        }
        try {
            due = renewals.schedule(this::renewOrLogin, after.toMillis(), TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            // Closed.
        }
    }

    /** In the background. While it fails the token that we have goes on being used, as long as it lasts. */
    private void renewOrLogin() {
        try {
            inTurn(() -> {
                VaultToken current = token;
                try {
                    return current == null ? login() : next(current);
                } catch (VaultException e) {
                    schedule(e.retryAfter().compareTo(RETRY_MIN) < 0 ? RETRY_MIN : e.retryAfter());
                    throw e;
                }
            });
        } catch (VaultException e) {
            // Tried again when it is due; a caller who needs a token meanwhile hears of it.
        }
    }

    private VaultToken next(VaultToken current) throws VaultException {
        Optional<VaultToken> renewed = current.renewable() ? renewed(current) : Optional.empty();
        if (renewed.isPresent() && !renewed.get().nearItsEnd(fullLease)) {
            take(renewed.get());
            login.checkSecretId(current.value(), clock.instant());
            return renewed.get();
        }
        return login();
    }

    /** Empty when Vault does not renew it: it is gone, or has reached its maximum life. */
    private Optional<VaultToken> renewed(VaultToken current) throws VaultException {
        try {
            return Optional.of(current.renewed(gateway.as(current.value())
                    .write(TOKEN + "renew-self", Map.of())
                    .auth()));
        } catch (VaultException e) {
            if (e.kind() == Kind.FORBIDDEN || e.kind() == Kind.REFUSED) {
                return Optional.empty();
            }
            throw e; // not the token's fault
        }
    }

    @FunctionalInterface
    private interface Step {
        VaultToken take() throws VaultException;
    }

    private VaultToken inTurn(Step step) throws VaultException {
        try {
            if (!turn.tryLock(TURN_MAX.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new VaultException(
                        Kind.UNREACHABLE,
                        0,
                        "vault login: another one is under way (expected: done within " + TURN_MAX + ")",
                        RETRY_MIN);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new VaultException(Kind.UNREACHABLE, 0, "vault login: interrupted", RETRY_MIN);
        }
        try {
            return step.take();
        } finally {
            turn.unlock();
        }
    }

    /** Gives our own token back, if Vault answers; at most {@link VaultGateway#CALL_SECONDS_MAX} s. */
    @Override
    public void close() {
        renewals.shutdownNow();
        VaultToken last = token;
        if (last != null && last.ours()) {
            try {
                gateway.as(last.value()).write(TOKEN + "revoke-self", Map.of());
            } catch (VaultException e) {
                // It ends by itself.
            }
        }
        gateway.close();
    }
}
