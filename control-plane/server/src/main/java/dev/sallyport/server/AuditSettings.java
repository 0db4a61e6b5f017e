package dev.sallyport.server;

import dev.sallyport.audit.tlog.InvalidNoteException;
import dev.sallyport.audit.tlog.NoteVerifier;
import dev.sallyport.document.Code;
import dev.sallyport.document.Fields;
import dev.sallyport.document.Node;
import dev.sallyport.document.Text;
import dev.sallyport.policy.AddressRange;
import dev.sallyport.server.collector.WitnessAddress;
import dev.sallyport.server.copies.CopySettings;
import dev.sallyport.server.fetch.Targets;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * Who cosigns the record's checkpoints, and how many must: {@code audit: {witnesses: [{url, key, privateAddresses}], quorum: n}}; without a quorum more than half of them. And where copies of
 * the record go: {@code copies} ({@link CopiesSettings}).
 */
record AuditSettings(List<WitnessAddress> witnesses, int quorum, List<CopySettings> copies) {
    static final AuditSettings NONE = new AuditSettings(List.of(), 0, List.of());

    private static final int WITNESSES_MAX = 16;

    AuditSettings {
        witnesses = List.copyOf(witnesses);
        copies = List.copyOf(copies);
    }

    /** {@code paths}: makes a path that is written there an absolute one. */
    static AuditSettings read(Fields root, UnaryOperator<Path> paths) {
        return root.optionalFields("audit")
                .map(fields -> of(fields, new CopiesSettings(paths)))
                .orElse(NONE);
    }

    private static AuditSettings of(Fields fields, CopiesSettings copies) {
        List<WitnessAddress> witnesses = witnesses(fields);
        int count = witnesses.size();
        if (count == 0 && fields.has("quorum")) {
            fields.problem("quorum", Code.VALUE, "without witnesses (expected: none)");
        }
        int quorum = fields.integer("quorum", count == 0 ? 0 : count / 2 + 1, 0, WITNESSES_MAX);
        if (quorum > count && count > 0 || quorum == 0 && count > 0) {
            fields.problem(
                    "quorum", Code.VALUE, quorum + " (expected: 1.." + count + ", as many as there are witnesses)");
        }
        List<CopySettings> all = copies.read(fields);
        fields.done();
        return new AuditSettings(witnesses, quorum, all);
    }

    private static List<WitnessAddress> witnesses(Fields fields) {
        Optional<Node> node = fields.node("witnesses");
        if (node.isEmpty()) {
            return List.of();
        }
        if (!(node.get() instanceof Node.Sequence list) || list.items().size() > WITNESSES_MAX) {
            fields.problem("witnesses", Code.FORM, "expected: a list of at most " + WITNESSES_MAX + " mappings");
            return List.of();
        }
        List<WitnessAddress> witnesses = new ArrayList<>();
        for (int i = 0; i < list.items().size(); i++) {
            Fields each = Fields.of(list.items().get(i), fields.path("witnesses") + "[" + i + "]", fields.problems());
            witness(each).ifPresent(witnesses::add);
            each.done();
        }
        return witnesses;
    }

    private static Optional<WitnessAddress> witness(Fields fields) {
        Optional<URI> url = url(fields);
        List<NoteVerifier> keys = new ArrayList<>();
        fields.texts("key").forEach(text -> key(fields, text).ifPresent(keys::add));
        List<AddressRange> ranges = privateAddresses(fields);
        return url.isPresent() && !keys.isEmpty()
                ? Optional.of(new WitnessAddress(url.get(), keys, ranges))
                : Optional.empty();
    }

    static List<AddressRange> privateAddresses(Fields fields) {
        List<AddressRange> ranges = new ArrayList<>();
        for (Text text : fields.optionalPlacedTexts("privateAddresses")) {
            Optional<AddressRange> range = AddressRange.parse(text.text());
            range.ifPresent(ranges::add);
            if (range.isEmpty()) {
                fields.problem(
                        "privateAddresses",
                        Code.VALUE,
                        text.text() + " (expected: a range, as 10.20.0.0/16 or fd00::/8)");
            }
        }
        return ranges;
    }

    private static Optional<URI> url(Fields fields) {
        return url(fields, "what stands before /add-checkpoint");
    }

    /** {@code what}: of an address it is. */
    static Optional<URI> url(Fields fields, String what) {
        String text = fields.text("url");
        try {
            URI url = URI.create(text);
            if (Targets.fit(url) && url.getRawQuery() == null && url.getRawFragment() == null) {
                return Optional.of(url);
            }
        } catch (IllegalArgumentException e) {
            // The same problem as any other text that is no address.
        }
        if (!text.isEmpty()) {
            // A user's password or a token in a query is not to be read in a log of refused configurations.
            String shown = text.replaceAll("//.*@", "//…@").replaceAll("[?#].*", "?…");
            fields.problem(
                    "url",
                    Code.VALUE,
                    shown + " (expected: https://host/…, or http:// of a loopback address, " + what
                            + ", no user and no query)");
        }
        return Optional.empty();
    }

    private static Optional<NoteVerifier> key(Fields fields, String text) {
        try {
            return Optional.of(NoteVerifier.parse(text));
        } catch (InvalidNoteException e) {
            fields.problem("key", Code.VALUE, String.valueOf(e.getMessage()));
            return Optional.empty();
        }
    }
}
