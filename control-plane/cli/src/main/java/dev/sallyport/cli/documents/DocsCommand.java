package dev.sallyport.cli.documents;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.authoring.codes.CodePage;
import dev.sallyport.authoring.codes.CodePages;
import dev.sallyport.cli.Colour;
import dev.sallyport.cli.Invocation;
import dev.sallyport.cli.Table;
import dev.sallyport.document.Nearest;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code docs SP0301}: what a code means, what triggers it, what to write instead. */
@Command(description = "Explains the code of a problem, a warning or a check; without one, lists them all.")
public final class DocsCommand implements Callable<Integer> {
    private static final int COLUMNS = 100;

    private final Invocation invocation;

    @Parameters(arity = "0..1", paramLabel = "CODE", description = "as lint or check prints it, SP0301")
    private Optional<String> code = Optional.empty();

    public DocsCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() {
        boolean json = invocation.json();
        if (code.isEmpty()) {
            list(json);
            return 0;
        }
        CodePage page = CodePages.of(code.get()).orElseThrow(() -> unknown(code.get()));
        if (json) {
            invocation.print(json(page));
        } else {
            print(page);
        }
        return 0;
    }

    private RuntimeException unknown(String word) {
        List<String> known = CodePages.all().stream().map(CodePage::code).toList();
        return invocation.usage("code " + word + ": unknown ("
                + Nearest.to(word.toUpperCase(Locale.ROOT), known)
                        .map(nearest -> "did you mean " + nearest + "?")
                        .orElse("expected: one that lint or check prints, as SP0301; sallyport docs lists them")
                + ")");
    }

    private void list(boolean json) {
        if (json) {
            ArrayNode pages = Invocation.JSON.createArrayNode();
            CodePages.all().forEach(page -> pages.add(json(page)));
            invocation.print(pages);
        } else {
            Table table = new Table("CODE", "MEANS");
            CodePages.all().forEach(page -> table.row(page.code(), page.title()));
            invocation.print(table);
        }
    }

    private void print(CodePage page) {
        invocation.print(invocation.paint(Colour.STRONG, page.code()) + "  " + page.title());
        invocation.print("");
        wrapped(page.means());
        page.wrong().ifPresent(example -> example("Triggers it" + place(page), example));
        page.right().ifPresent(example -> example(page.place().equals("check") ? "What helps" : "Instead", example));
    }

    private static String place(CodePage page) {
        return switch (page.place()) {
            case "set" -> ", where it is all that there is";
            case "text" -> ", as a file";
            default -> ", under spec of a " + page.place();
        };
    }

    private void example(String heading, String text) {
        invocation.print("");
        invocation.print(heading + ":");
        text.lines().forEach(line -> invocation.print("    " + Table.visible(line)));
    }

    private void wrapped(String text) {
        StringBuilder line = new StringBuilder();
        for (String word : text.split(" ", -1)) {
            if (line.length() + word.length() >= COLUMNS) {
                invocation.print(line.toString().stripTrailing());
                line.setLength(0);
            }
            line.append(word).append(' ');
        }
        invocation.print(line.toString().stripTrailing());
    }

    private static ObjectNode json(CodePage page) {
        ObjectNode json = Invocation.JSON.createObjectNode();
        json.put("code", page.code()).put("title", page.title()).put("means", page.means());
        page.wrong().ifPresent(example -> json.put("in", page.place()).put("wrong", example));
        page.right().ifPresent(example -> json.put("right", example));
        return json;
    }
}
