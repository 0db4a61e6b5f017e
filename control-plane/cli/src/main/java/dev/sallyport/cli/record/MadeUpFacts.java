package dev.sallyport.cli.record;

import dev.sallyport.cli.CliException;
import dev.sallyport.cli.ExitCode;
import dev.sallyport.identity.InvalidSpiffeIdException;
import dev.sallyport.identity.SpiffeId;
import dev.sallyport.policy.CanonicalRequest;
import dev.sallyport.policy.GivenFacts;
import dev.sallyport.policy.Mesh;
import dev.sallyport.policy.OpaAnswer;
import dev.sallyport.policy.Reason;
import dev.sallyport.policy.User;
import dev.sallyport.policy.UserFact;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import picocli.CommandLine.Option;

/** Who asks, for whom, and what else a rule may look at, on the command line. */
final class MadeUpFacts {
    private static final String NOBODY = "none";

    @Option(
            names = "--from",
            required = true,
            paramLabel = "SERVICE|ID|none",
            description = "the caller: a service of the Mesh, a SPIFFE ID, or none")
    private String from;

    @Option(
            names = "--user",
            paramLabel = "USER",
            description = "issuer=shop,sub=alice[,roles=a|b][,scopes=a|b][,claims.NAME=VALUE][,age=5m]")
    private Optional<String> user = Optional.empty();

    @Option(
            names = "--token",
            paramLabel = "STATE",
            description = "instead of a user: missing, expired, signature, issuer, audience, …")
    private Optional<String> token = Optional.empty();

    @Option(
            names = "--via",
            split = ",",
            paramLabel = "SERVICE",
            description =
                    "the user or token came by a hop token: the services that carried it, the one that verified the user first, the caller last")
    private List<String> via = List.of();

    @Option(
            names = "--header",
            paramLabel = "NAME=VALUE",
            description = "a header; again for another, or for a second value of the same")
    private List<String> headers = List.of();

    @Option(names = "--host", paramLabel = "HOST", description = "the Host (default: the called service)")
    private Optional<String> host = Optional.empty();

    @Option(
            names = "--opa",
            paramLabel = "TARGET=ANSWER",
            description = "what OPA answers: true, false or error (default: it is not asked)")
    private Map<String, OpaAnswer> opa = Map.of();

    Optional<String> host() {
        return host;
    }

    GivenFacts facts(Mesh mesh, CanonicalRequest request, Optional<SpiffeId> caller, Instant now) throws CliException {
        return new GivenFacts(
                caller,
                request.method(),
                request.authority(),
                request.path(),
                request.query(),
                headerValues(),
                via.isEmpty() ? userFact(mesh, now) : new UserFact.Absent(),
                via.isEmpty() ? new UserFact.Absent() : carriedFact(mesh, now),
                answers(mesh));
    }

    /** A hop token says no more of a user than what travels. */
    private UserFact carriedFact(Mesh mesh, Instant now) throws CliException {
        for (String service : via) {
            if (!mesh.services().containsKey(service)) {
                throw MadeUpRequest.unknown("--via", service, mesh.services().keySet());
            }
        }
        if (user.isEmpty() && token.isEmpty()) {
            throw new CliException(ExitCode.USAGE, "--via: without a user (expected: --user or --token beside it)");
        }
        Mesh.Service last = Objects.requireNonNull(mesh.services().get(via.getLast()));
        if (!caller(mesh).equals(Optional.of(last.identity()))) {
            throw new CliException(
                    ExitCode.USAGE,
                    "--via: ends with " + last.name() + ", and the caller is " + Cut.of(from)
                            + " (expected: the service that verified the user first, the caller last)");
        }
        UserFact fact = userFact(mesh, now);
        if (!(fact instanceof UserFact.Verified(User proven))) {
            return fact;
        }
        Mesh.Issuer issuer = Objects.requireNonNull(mesh.issuers().get(proven.issuer()));
        return new UserFact.Verified(issuer.hopTokens().carried(proven, via));
    }

    Map<String, List<String>> headerValues() throws CliException {
        Map<String, List<String>> values = new TreeMap<>();
        for (String header : headers) {
            int equals = header.indexOf('=');
            if (equals < 1) {
                throw new CliException(ExitCode.USAGE, "--header: " + Cut.of(header) + " (expected: NAME=VALUE)");
            }
            values.computeIfAbsent(header.substring(0, equals).toLowerCase(Locale.ROOT), _ -> new ArrayList<>())
                    .add(header.substring(equals + 1));
        }
        return values;
    }

    private Map<String, OpaAnswer> answers(Mesh mesh) throws CliException {
        for (String target : opa.keySet()) {
            if (!mesh.opa().containsKey(target)) {
                throw MadeUpRequest.unknown("--opa", target, mesh.opa().keySet());
            }
        }
        return opa;
    }

    Optional<SpiffeId> caller(Mesh mesh) throws CliException {
        if (from.equals(NOBODY)) {
            return Optional.empty();
        }
        Mesh.Service service = mesh.services().get(from);
        if (service != null) {
            return Optional.of(service.identity());
        }
        if (!from.contains("/")) {
            throw MadeUpRequest.unknown("--from", from, mesh.services().keySet());
        }
        try {
            return Optional.of(SpiffeId.parse(from));
        } catch (InvalidSpiffeIdException e) {
            throw new CliException(ExitCode.USAGE, "--from: " + e.getMessage());
        }
    }

    String userText() {
        return user.or(() -> token.map(state -> "token " + state)).orElse("no token")
                + (via.isEmpty() ? "" : " via " + String.join(", ", via));
    }

    private UserFact userFact(Mesh mesh, Instant now) throws CliException {
        if (user.isPresent() && token.isPresent()) {
            throw new CliException(ExitCode.USAGE, "--user and --token: both given (expected: one of them)");
        }
        if (user.isPresent()) {
            return new UserFact.Verified(MadeUpUser.parse(user.get(), mesh, now));
        }
        String state = token.orElse("missing").toLowerCase(Locale.ROOT);
        List<String> known = Arrays.stream(Reason.values())
                .filter(Reason::isToken)
                .map(reason -> reason.code().substring("token_".length()))
                .toList();
        String word = state.startsWith("token_") ? state.substring("token_".length()) : state;
        if (!known.contains(word)) {
            throw MadeUpRequest.unknown("--token", state, known);
        }
        return word.equals("missing") ? new UserFact.Absent() : new UserFact.Bad(Reason.ofCode("token_" + word));
    }
}
