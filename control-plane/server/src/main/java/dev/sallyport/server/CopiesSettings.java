package dev.sallyport.server;

import dev.sallyport.audit.export.ExportLabels;
import dev.sallyport.document.Code;
import dev.sallyport.document.Fields;
import dev.sallyport.server.copies.CopySettings;
import dev.sallyport.server.copies.CopySettings.Kind;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/**
 * Reads {@code copies: {NAME: {kind, …}}}: {@code otlp}, {@code loki} and {@code elasticsearch} have {@code url}, {@code headersFile}, {@code privateAddresses}, {@code labels} and
 * {@code index}; {@code ocsf} and {@code lines} have {@code folder}, {@code mebibytesMax} and {@code files}; all have {@code from}.
 */
record CopiesSettings(UnaryOperator<Path> paths) {
    private static final int COPIES_MAX = 16;
    /** Part of file names, of metrics and of the state folder. */
    private static final Pattern NAME = Pattern.compile("[a-z0-9]([a-z0-9-]{0,62})");

    /** What Elasticsearch takes for the name of an index or data stream: lower case, no {@code \ / * ? " < > | , #}, colon or space. */
    private static final Pattern INDEX = Pattern.compile("[a-z0-9][a-z0-9._-]{0,199}");

    private static final Pattern LABEL = Pattern.compile("[ -~]{1,128}");
    private static final int MEBIBYTES = 64;
    private static final int MEBIBYTES_MAX = 4096;
    private static final int FILES = 16;
    private static final int FILES_MAX = 1000;

    List<CopySettings> read(Fields audit) {
        List<CopySettings> copies = new ArrayList<>();
        audit.named("copies").forEach((name, fields) -> {
            if (!NAME.matcher(name).matches()) {
                audit.problem("copies", Code.VALUE, name + " (expected: a name of a-z 0-9 -, at most 63)");
            }
            one(name, fields).ifPresent(copies::add);
            fields.done();
        });
        if (copies.size() > COPIES_MAX) {
            audit.problem("copies", Code.VALUE, copies.size() + " (expected: at most " + COPIES_MAX + ")");
        }
        return copies;
    }

    private Optional<CopySettings> one(String name, Fields fields) {
        String[] words = Arrays.stream(Kind.values()).map(Kind::word).toArray(String[]::new);
        Kind kind = Kind.valueOf(fields.oneOf("kind", null, words).toUpperCase(Locale.ROOT));
        boolean fromNow = fields.oneOf("from", "oldest", "oldest", "now").equals("now");
        boolean files = kind == Kind.OCSF || kind == Kind.LINES;
        ExportLabels labels = files ? ExportLabels.NONE : labels(fields);
        Optional<CopySettings.Place> place = files ? files(fields) : web(kind, fields);
        return place.map(to -> new CopySettings(name, kind, to, fromNow, labels));
    }

    private Optional<CopySettings.Place> web(Kind kind, Fields fields) {
        String path = switch (kind) {
            case OTLP -> "/v1/logs";
            case LOKI -> "/loki/api/v1/push";
            default -> "/_bulk";
        };
        String index = kind == Kind.ELASTICSEARCH ? fields.optionalText("index").orElse("sallyport-audit") : "";
        if (!index.isEmpty() && !INDEX.matcher(index).matches()) {
            fields.problem("index", Code.VALUE, index + " (expected: a-z 0-9 . _ -, at most 200, not . _ - first)");
        }
        Optional<Path> headers =
                fields.optionalText("headersFile").map(Path::of).map(paths);
        var ranges = AuditSettings.privateAddresses(fields);
        Optional<URI> url = AuditSettings.url(fields, "what stands before " + path);
        return url.map(to -> new CopySettings.Web(to, headers, ranges, index));
    }

    private Optional<CopySettings.Place> files(Fields fields) {
        int mebibytes = fields.integer("mebibytesMax", MEBIBYTES, 1, MEBIBYTES_MAX);
        int files = fields.integer("files", FILES, 2, FILES_MAX);
        String folder = fields.text("folder");
        return folder.isEmpty()
                ? Optional.empty()
                : Optional.of(new CopySettings.Files(paths.apply(Path.of(folder)), mebibytes, files));
    }

    private static ExportLabels labels(Fields fields) {
        return fields.optionalFields("labels")
                .map(labels -> {
                    ExportLabels all = new ExportLabels(label(labels, "namespace"), label(labels, "env"));
                    labels.done();
                    return all;
                })
                .orElse(ExportLabels.NONE);
    }

    private static Optional<String> label(Fields labels, String key) {
        Optional<String> text = labels.optionalText(key);
        if (text.isPresent() && !LABEL.matcher(text.get()).matches()) {
            labels.problem(key, Code.VALUE, "expected: 1..128 characters of printable ASCII");
        }
        return text;
    }
}
