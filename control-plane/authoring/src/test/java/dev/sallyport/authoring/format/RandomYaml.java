package dev.sallyport.authoring.format;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/** One random document, written as carelessly as people do: any style, any quotes, any indentation, comments and empty lines wherever they may stand. */
final class RandomYaml {
    private static final List<String> KEYS = List.of(
            "apiVersion",
            "kind",
            "metadata",
            "spec",
            "routes",
            "match",
            "allow",
            "from",
            "user",
            "when",
            "limit",
            "a b",
            "x-y",
            "8080",
            "é");
    private static final List<String> TEXTS = List.of(
            "a",
            "RoutePolicy",
            "POST /charges/{id}",
            "1",
            "1.3",
            "true",
            "null",
            "~",
            "no",
            "- a",
            "-1m",
            "+5m",
            "a: b",
            "a #b",
            "a#b",
            "#a",
            "",
            " a ",
            "it's",
            "say \"x\"",
            "back\\slash",
            "tab\there",
            "[a",
            "{a}",
            "a,b",
            "*",
            "&a",
            "!a",
            "%a",
            "@a",
            "`a",
            "0x1F",
            "1e3",
            ".5",
            "?",
            "? a",
            "http://a/b:c",
            "a:",
            "---",
            "...",
            "<<",
            "=",
            "2027-03-31",
            "𝒳",
            "'mfa' in user.claims.amr",
            "int(request.headers['x']) <= 5");

    private final RandomGenerator random;
    private final StringBuilder out = new StringBuilder();
    private final List<String> comments = new ArrayList<>();

    private RandomYaml(RandomGenerator random) {
        this.random = random;
    }

    /** The text, and each comment that is in it. */
    record Sample(String text, List<String> comments) {}

    static Sample next(RandomGenerator random) {
        RandomYaml yaml = new RandomYaml(random);
        for (int i = 0; i <= random.nextInt(2); i++) {
            if (i > 0 || random.nextBoolean()) {
                yaml.lines(0);
                yaml.out.append("---");
                yaml.end();
            }
            yaml.mapping(0, 4);
        }
        yaml.lines(0);
        return new Sample(yaml.out.toString(), yaml.comments);
    }

    private void mapping(int indent, int depth) {
        List<String> keys = new ArrayList<>(KEYS);
        for (int i = 0; i <= random.nextInt(4); i++) {
            lines(indent);
            out.repeat(' ', indent)
                    .append(quoted(keys.remove(random.nextInt(keys.size())), false))
                    .append(':');
            value(indent, depth);
        }
    }

    private void list(int indent, int depth) {
        for (int i = 0; i <= random.nextInt(3); i++) {
            lines(indent);
            out.repeat(' ', indent).append('-');
            value(indent, depth);
        }
    }

    private void value(int indent, int depth) {
        int deeper = indent + 1 + random.nextInt(4);
        switch (depth == 0 ? 3 + random.nextInt(5) : random.nextInt(8)) {
            case 0, 1 -> {
                end();
                mapping(deeper, depth - 1);
            }
            case 2 -> {
                end();
                list(deeper, depth - 1);
            }
            case 3 -> {
                out.append(' ');
                flow(depth, deeper);
                end();
            }
            case 4 -> {
                out.append(random.nextBoolean() ? " |" : " >-");
                end();
                for (int i = 0; i <= random.nextInt(3); i++) {
                    out.repeat(' ', indent + 3)
                            .append(random.nextBoolean() ? "a && b" : "# not a comment")
                            .append('\n');
                }
            }
            default -> {
                out.append(' ').append(quoted(pick(TEXTS), false));
                end();
            }
        }
    }

    private void flow(int depth, int indent) {
        boolean mapping = random.nextBoolean();
        out.append(mapping ? '{' : '[');
        List<String> keys = new ArrayList<>(KEYS);
        for (int i = 0; i < random.nextInt(4); i++) {
            gap(indent);
            if (i > 0) {
                out.append(',');
                gap(indent);
            }
            if (mapping) {
                out.append(quoted(keys.remove(random.nextInt(keys.size())), true))
                        .append(": ");
            }
            if (depth > 1 && random.nextInt(3) == 0) {
                flow(depth - 1, indent + 1);
            } else {
                out.append(quoted(pick(TEXTS), true));
            }
        }
        gap(indent);
        out.append(mapping ? '}' : ']');
    }

    /** Between two tokens of a flow: nothing, a blank, or a line end with whatever may stand there. */
    private void gap(int indent) {
        switch (random.nextInt(12)) {
            case 0 -> {
                end();
                lines(indent);
                out.repeat(' ', indent);
            }
            case 1, 2, 3 -> out.append("  ");
            default -> {}
        }
    }

    /** The end of a line, perhaps with a comment. */
    private void end() {
        if (random.nextInt(4) == 0) {
            out.append(random.nextBoolean() ? "  " : " ").append(comment());
        }
        out.append('\n');
    }

    /** Whole lines that say nothing. */
    private void lines(int indent) {
        while (random.nextInt(5) == 0) {
            if (random.nextBoolean()) {
                out.repeat(' ', Math.max(0, indent + random.nextInt(5) - 2)).append(comment());
            }
            out.append('\n');
        }
    }

    private String comment() {
        comments.add("# c" + comments.size() + pick(List.of("", ": [", " - \"", "  #")));
        return comments.getLast();
    }

    private String quoted(String text, boolean flow) {
        boolean plain = !text.isEmpty()
                && text.equals(text.strip())
                && Character.isLetterOrDigit(text.codePointAt(0))
                && !text.contains(": ")
                && !text.contains(" #")
                && !text.endsWith(":")
                && text.indexOf('\t') < 0
                && (!flow || text.chars().noneMatch(c -> "{}[],".indexOf(c) >= 0));
        if (plain && random.nextInt(3) > 0) {
            return text;
        }
        return random.nextBoolean() || text.indexOf('\t') >= 0
                ? '"' + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\t", "\\t") + '"'
                : '\'' + text.replace("'", "''") + '\'';
    }

    private String pick(List<String> of) {
        return of.get(random.nextInt(of.size()));
    }
}
