package dev.sallyport.policy;

import dev.sallyport.document.Code;
import dev.sallyport.document.Fields;
import dev.sallyport.document.Location;
import java.util.List;
import java.util.Optional;

/** What every document begins with, and its spec, unread. */
record Header(Location location, String kind, String name, Optional<String> owner, Fields spec) {
    static final String API_VERSION = "sallyport.dev/v1";
    static final String OWNER = "sallyport.dev/owner";

    /** The document of one of {@code kinds}; a problem, and perhaps another kind, otherwise. */
    static Header read(Fields root, List<String> kinds) {
        root.oneOf("apiVersion", null, API_VERSION);
        String kind = root.text("kind");
        if (!kinds.contains(kind) && !kind.isEmpty()) {
            root.problem("kind", Code.VALUE, kind + " (expected: " + String.join(", ", kinds) + ")");
        }
        Fields metadata = root.fields("metadata");
        String name = metadata.text("name");
        if (!name.isEmpty() && !Names.isName(name)) {
            metadata.problem("name", Codes.NAME, name + " (expected: " + Names.FORM + ")");
        }
        Optional<String> owner = metadata.optionalFields("annotations").flatMap(Header::owner);
        metadata.done();
        Header header = new Header(root.location(), kind, name, owner, root.fields("spec"));
        root.done();
        return header;
    }

    /** Shown wherever the document is: what a reader could take for another owner is none. */
    private static Optional<String> owner(Fields annotations) {
        Optional<String> owner = annotations.optionalText(OWNER);
        annotations.done();
        owner.filter(text -> Bound.OWNER_CHARACTERS.holds(text.length(), annotations, OWNER))
                .filter(text -> !text.chars().allMatch(c -> c >= 0x20 && c < 0x7F))
                .ifPresent(text ->
                        annotations.problem(OWNER, Codes.NAME, text + " (expected: printable ASCII, as team-pay)"));
        return owner;
    }
}
