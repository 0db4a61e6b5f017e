package dev.sallyport.cli.record;

import dev.sallyport.authoring.WorkingTree;
import dev.sallyport.cli.CliException;
import dev.sallyport.cli.ExitCode;
import dev.sallyport.cli.Times;
import dev.sallyport.document.InvalidDocumentException;
import dev.sallyport.document.Nearest;
import dev.sallyport.document.Source;
import dev.sallyport.identity.SpiffeId;
import dev.sallyport.policy.CanonicalRequest;
import dev.sallyport.policy.DocumentSet;
import dev.sallyport.policy.GivenFacts;
import dev.sallyport.policy.Mesh;
import dev.sallyport.policy.PolicySet;
import dev.sallyport.policy.RequestRejectedException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.Collectors;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** A request that nobody sent, judged by documents with the sidecar's own reading of request lines and its own evaluator. */
final class MadeUpRequest {
    @Option(
            names = "--request",
            required = true,
            paramLabel = "\"METHOD /path\"",
            description = "the request line: method and target")
    private String requestLine;

    @Option(
            names = "--to",
            paramLabel = "SERVICE",
            description = "the called service (default: the one that has a route for the request)")
    private Optional<String> to = Optional.empty();

    @Option(names = "--at", paramLabel = "TIME", description = "when, as 2027-01-31T12:00:00Z (default: now)")
    private Optional<String> at = Optional.empty();

    @ArgGroup(exclusive = false, multiplicity = "1")
    private MadeUpFacts given = new MadeUpFacts();

    Account explain(List<Path> documents) throws CliException, IOException, InvalidDocumentException {
        Instant now = now();
        List<Source> sources = Source.readAll(documents);
        DocumentSet set = WorkingTree.stored(sources).set(); // what has ended is explained, too
        Optional<SpiffeId> caller = given.caller(set.mesh());
        SequencedMap<String, String> facts = new LinkedHashMap<>();
        facts.put("request", requestLine);
        facts.put("caller", caller.map(SpiffeId::toString).orElse("nobody proven"));
        facts.put("user", given.userText());
        String where = documents.stream().map(Path::toString).collect(Collectors.joining(" "));
        List<String> circumstances = new ArrayList<>(List.of(
                "made-up request",
                "documents " + where + " (sha256:" + set.digest().substring(0, 12) + ")"));
        try {
            String service = to.isPresent() ? to.get() : covering(set, caller, now);
            CanonicalRequest request = canonical(set, service);
            facts.put("request", request.method() + " " + request.target());
            GivenFacts made = given.facts(set.mesh(), request, caller, now);
            circumstances.add(service + "/inbound");
            return Account.of(PolicySet.compile(set, service).explain(made, now), circumstances, facts, List.of());
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

    private Instant now() throws CliException {
        if (at.isEmpty()) {
            return Instant.now();
        }
        return Times.parse(at.get())
                .orElseThrow(() -> new CliException(
                        ExitCode.USAGE, "--at: " + Cut.of(at.get()) + " (expected: a time as 2027-01-31T12:00:00Z)"));
    }

    /** Most requests have one service that they can be meant for; where none or several have a route, the caller of this command must say. Refused when all who might be meant refuse it. */
    private String covering(DocumentSet set, Optional<SpiffeId> caller, Instant now)
            throws CliException, RequestRejectedException {
        List<String> covering = new ArrayList<>();
        Optional<RequestRejectedException> rejected = Optional.empty();
        for (String service : set.policies().keySet()) {
            try {
                GivenFacts facts = given.facts(set.mesh(), canonical(set, service), caller, now);
                if (PolicySet.compile(set, service).decide(facts, now).route().isPresent()) {
                    covering.add(service);
                }
            } catch (RequestRejectedException e) { // another service may relax what it is refused for
                rejected = Optional.of(e);
            }
        }
        if (covering.isEmpty() && rejected.isPresent()) {
            throw rejected.get();
        }
        if (covering.size() == 1) {
            return covering.getFirst();
        }
        throw new CliException(
                ExitCode.USAGE,
                "--to: " + Cut.of(requestLine)
                        + (covering.isEmpty()
                                ? ": no service has a route for it (expected: --to with one of "
                                        + String.join(
                                                ", ", set.mesh().services().keySet()) + ")"
                                : ": several services have a route for it (expected: --to with one of "
                                        + String.join(", ", covering) + ")"));
    }

    /** As the sidecar of {@code service} reads it. */
    private CanonicalRequest canonical(DocumentSet set, String service) throws CliException, RequestRejectedException {
        String[] words = requestLine.strip().split(" +", -1);
        if (words.length != 2) {
            throw new CliException(
                    ExitCode.USAGE, "--request: " + Cut.of(requestLine) + " (expected: \"METHOD /path\")");
        }
        Mesh.Service called = set.mesh().services().get(service);
        if (called == null) {
            throw unknown("--to", service, set.mesh().services().keySet());
        }
        return CanonicalRequest.written(
                words[0],
                words[1],
                given.host().orElse(service),
                given.headerValues().keySet(),
                called);
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
