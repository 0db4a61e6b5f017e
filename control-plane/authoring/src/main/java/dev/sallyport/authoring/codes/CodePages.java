package dev.sallyport.authoring.codes;

import dev.sallyport.document.Documents;
import dev.sallyport.document.Fields;
import dev.sallyport.document.Problems;
import dev.sallyport.document.Source;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** The pages of every code that documents and lint have. Immutable. */
public final class CodePages {
    private static final String FILE = "codes.yaml";
    private static final SortedMap<String, CodePage> PAGES = read();

    private CodePages() {}

    /** {@code SP0301}, in any case. */
    public static Optional<CodePage> of(String code) {
        return PAGES.values().stream()
                .filter(page -> page.code().equalsIgnoreCase(code))
                .findFirst();
    }

    /** By code. */
    public static Collection<CodePage> all() {
        return PAGES.values();
    }

    private static SortedMap<String, CodePage> read() {
        try (InputStream in = CodePages.class.getResourceAsStream(FILE)) {
            if (in == null) {
                throw new IllegalStateException(FILE + ": not on the class path");
            }
            Source source = new Source(FILE, new String(in.readAllBytes(), StandardCharsets.UTF_8));
            Problems problems = new Problems();
            SortedMap<String, CodePage> pages = new TreeMap<>();
            Documents.parse(source, problems).forEach(node -> {
                Fields file = Fields.of(node, "", problems);
                file.named("codes").forEach((code, fields) -> pages.put(code, page(code, fields)));
                file.done();
            });
            if (!problems.isEmpty()) {
                throw new IllegalStateException(problems.list().toString());
            }
            return Collections.unmodifiableSortedMap(pages);
        } catch (IOException e) {
            throw new UncheckedIOException(FILE, e);
        }
    }

    private static CodePage page(String code, Fields fields) {
        CodePage page = new CodePage(
                code,
                fields.text("title"),
                fields.text("means"),
                fields.text("in"),
                fields.optionalText("wrong"),
                fields.optionalText("right"));
        fields.done();
        return page;
    }
}
