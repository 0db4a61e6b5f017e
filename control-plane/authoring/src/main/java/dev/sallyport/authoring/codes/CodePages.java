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
import java.util.stream.Stream;

/** The pages of every code that documents, lint and checks have. Immutable. */
public final class CodePages {
    private static final SortedMap<String, CodePage> OF_DOCUMENTS = read("codes.yaml");
    private static final SortedMap<String, CodePage> OF_CHECKS = read("checks.yaml");

    private CodePages() {}

    /** {@code SP0301}, in any case. */
    public static Optional<CodePage> of(String code) {
        return all().stream().filter(page -> page.code().equalsIgnoreCase(code)).findFirst();
    }

    /** By code. */
    public static Collection<CodePage> all() {
        return Stream.of(OF_DOCUMENTS, OF_CHECKS)
                .flatMap(pages -> pages.values().stream())
                .toList();
    }

    /** What lint and whoever reads documents can find, by code. */
    public static Collection<CodePage> ofDocuments() {
        return OF_DOCUMENTS.values();
    }

    /** What is looked at in a mesh that runs, by code; {@link CodePage#right} has commands. */
    public static Collection<CodePage> ofChecks() {
        return OF_CHECKS.values();
    }

    private static SortedMap<String, CodePage> read(String name) {
        try (InputStream in = CodePages.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException(name + ": not on the class path");
            }
            Source source = new Source(name, new String(in.readAllBytes(), StandardCharsets.UTF_8));
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
            throw new UncheckedIOException(name, e);
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
