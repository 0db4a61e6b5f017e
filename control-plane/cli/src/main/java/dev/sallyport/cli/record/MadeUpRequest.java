package dev.sallyport.cli.record;

import dev.sallyport.authoring.WorkingTree;
import dev.sallyport.cli.CliException;
import dev.sallyport.cli.ExitCode;
import dev.sallyport.document.InvalidDocumentException;
import dev.sallyport.document.Nearest;
import dev.sallyport.document.Source;
import dev.sallyport.identity.InvalidSpiffeIdException;
import dev.sallyport.identity.SpiffeId;
import dev.sallyport.policy.CanonicalRequest;
import dev.sallyport.policy.DocumentSet;
import dev.sallyport.policy.GivenFacts;
import dev.sallyport.policy.Mesh;
import dev.sallyport.policy.PolicySet;
import dev.sallyport.policy.Reason;
import dev.sallyport.policy.RequestRejectedException;
import dev.sallyport.policy.UserFact;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SequencedMap;
import picocli.CommandLine.Option;

/** A request that nobody sent, judged by documents in a folder with the sidecar's own reading of request lines and its own evaluator. */
final class MadeUpRequest {
    private static final String NOBODY = "none";

    @Option(
            names = "--documents",
            required = true,
            paramLabel = "DIR",
            description = "the documents: a file or a folder")
    private Path documents;

    @Option(names = "--to", required = true, paramLabel = "SERVICE", description = "the called service")
    private String to;

    @Option(
            names = "--from",
            required = true,
            paramLabel = "SERVICE|ID|none",
            description = "the caller: a service of the Mesh, a SPIFFE ID, or none")
    private String from;

    @Option(
            names = "--user",
            paramLabel = "USER",
            description = "issuer=shop,sub=alice[,roles=a|b][,scopes=a|b][,claims.NAME=VALUE]")
    private Optional<String> user = Optional.empty();

    @Option(
            names = "--token",
            paramLabel = "STATE",
            description = "instead of a user: missing, expired, signature, issuer, audience, …")
    private Optional<String> token = Optional.empty();

    Account explain(String requestLine) throws CliException, IOException, InvalidDocumentException {
        DocumentSet set = WorkingTree.stored(Source.read(documents)).set(); // a rule that has ended is explained, too
        if (!set.mesh().services().containsKey(to)) {
            throw unknown("--to", to, set.mesh().services().keySet());
        }
        Optional<SpiffeId> caller = caller(set.mesh());
        UserFact fact = userFact(set.mesh());
        List<String> circumstances = List.of(
                "made-up request",
                "documents " + documents + " (sha256:" + set.digest().substring(0, 12) + ")",
                to + "/inbound");
        SequencedMap<String, String> facts = new LinkedHashMap<>();
        facts.put("request", requestLine);
        facts.put("caller", caller.map(SpiffeId::toString).orElse("nobody proven"));
        facts.put("user", user.or(() -> token.map(state -> "token " + state)).orElse("no token"));
        try {
            CanonicalRequest request = canonical(requestLine);
            facts.put("request", request.method() + " " + request.path());
            return Account.of(
                    PolicySet.compile(set, to)
                            .explain(
                                    GivenFacts.of(caller, request.method(), request.path())
                                            .as(fact),
                                    Instant.now()),
                    circumstances,
                    facts,
                    List.of());
        } catch (RequestRejectedException rejected) {
            return new Account(
                    "deny",
                    rejected.reason().status(),
                    rejected.reason().code(),
                    circumstances,
                    facts,
                    Optional.empty(),
                    List.of("refused before any rule is asked: " + rejected.getMessage()));
        }
    }

    private CanonicalRequest canonical(String requestLine) throws CliException, RequestRejectedException {
        String[] words = requestLine.strip().split(" +", -1);
        if (words.length != 2) {
            throw new CliException(ExitCode.USAGE, "request: " + Cut.of(requestLine) + " (expected: \"METHOD /path\")");
        }
        return CanonicalRequest.of(
                words[0].getBytes(StandardCharsets.UTF_8),
                words[1].getBytes(StandardCharsets.UTF_8),
                to.getBytes(StandardCharsets.UTF_8));
    }

    private Optional<SpiffeId> caller(Mesh mesh) throws CliException {
        if (from.equals(NOBODY)) {
            return Optional.empty();
        }
        Mesh.Service service = mesh.services().get(from);
        if (service != null) {
            return Optional.of(service.identity());
        }
        if (!from.contains("/")) {
            throw unknown("--from", from, mesh.services().keySet());
        }
        try {
            return Optional.of(SpiffeId.parse(from));
        } catch (InvalidSpiffeIdException e) {
            throw new CliException(ExitCode.USAGE, "--from: " + e.getMessage());
        }
    }

    private UserFact userFact(Mesh mesh) throws CliException {
        if (user.isPresent() && token.isPresent()) {
            throw new CliException(ExitCode.USAGE, "--user and --token: both given (expected: one of them)");
        }
        if (user.isPresent()) {
            return new UserFact.Verified(MadeUpUser.parse(user.get(), mesh));
        }
        String state = token.orElse("missing").toLowerCase(Locale.ROOT);
        List<String> known = Arrays.stream(Reason.values())
                .filter(Reason::isToken)
                .map(reason -> reason.code().substring("token_".length()))
                .toList();
        String word = state.startsWith("token_") ? state.substring("token_".length()) : state;
        if (!known.contains(word)) {
            throw unknown("--token", state, known);
        }
        return word.equals("missing") ? new UserFact.Absent() : new UserFact.Bad(Reason.ofCode("token_" + word));
    }

    static CliException unknown(String what, String value, Collection<String> known) {
        return new CliException(
                ExitCode.USAGE,
                what + ": " + Cut.of(value) + ": unknown"
                        + Nearest.to(value, known)
                                .map(nearest -> " (did you mean " + nearest + "?)")
                                .orElse(" (expected: one of " + String.join(", ", known) + ")"));
    }
}
