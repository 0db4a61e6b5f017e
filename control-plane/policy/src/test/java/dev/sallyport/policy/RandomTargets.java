package dev.sallyport.policy;

import java.util.List;
import java.util.Set;

/** Request targets that are nearly good: of what parsers have disagreed about, put together and damaged. A character a byte. */
record RandomTargets(Dice dice) {
    private static final List<String> PARTS = List.of(
            "/",
            "/",
            "/",
            "/",
            "//",
            ".",
            "..",
            "/./",
            "/../",
            "a",
            "b",
            "admin",
            "ADMIN",
            "users",
            "x.y",
            "~_-",
            "%20",
            "%25",
            "%2f",
            "%2F",
            "%2e",
            "%2E",
            "%5c",
            "%3b",
            "%3B",
            "%23",
            "%3f",
            "%00",
            "%0a",
            "%7f",
            "%61",
            "%",
            "%2",
            "%zz",
            "2f",
            "%252f",
            "%252e",
            "%c3%a9",
            "%C3%89",
            "%e2%82%ac",
            "%F0%9F%98%80",
            "%c0%af",
            "%c1%9c",
            "%e0%80%ae",
            "%ed%a0%80",
            "%f4%90%80%80",
            "%f5%80%80%80",
            "%fc%80%80%80",
            "%bf%bf",
            "%ef%bc%8f",
            "%ef%bd%81",
            "%ef%bf%bd",
            "%e2%80%a4",
            "%c2%85",
            "%c2%a0",
            ";",
            ";x=1",
            ";x",
            ";=1",
            ";x=",
            ";x=1;y=2",
            ";/",
            "..;/",
            "..;x=1/",
            "%2f..",
            "..%2f",
            ".%20",
            "%20..",
            ".%2f.",
            "=",
            "&",
            "+",
            "@",
            ":",
            "!$&'()*+,=",
            "?",
            "?a=b&c=%2f",
            "#",
            "\\",
            "\"",
            "<",
            "{x}",
            " ",
            "\t",
            "\r\n",
            "\0",
            "\u007f",
            "\u00e9",
            "\u00c0\u00af",
            "\u00ff");

    private static final String HOST = "a";
    private static final List<String> PREFIXES =
            List.of("http://a", "http://A.", "http://b", "http://a@b", "http://", "https://a", "HTTP://a", "*");

    /** Named in the Host of each. */
    static String host() {
        return HOST;
    }

    String next() {
        StringBuilder target = new StringBuilder(dice.one(20) ? dice.pick(PREFIXES) : "");
        target.append(dice.one(50) ? "" : "/");
        for (int parts = dice.upTo(7); parts > 0; parts--) {
            target.append(dice.pick(PARTS));
        }
        while (dice.one(4) && !target.isEmpty()) {
            damage(target, dice.upTo(target.length()));
        }
        return target.toString();
    }

    private void damage(StringBuilder target, int at) {
        switch (dice.upTo(4)) {
            case 0 -> target.deleteCharAt(at);
            case 1 -> target.insert(at, target.charAt(dice.upTo(target.length())));
            case 2 -> target.setCharAt(at, (char) dice.upTo(256));
            default -> target.setCharAt(at, (char) (target.charAt(at) ^ 0x20));
        }
    }

    Relaxations relaxed() {
        return new Relaxations(dice.one(2), dice.one(2), dice.one(2), Set.of());
    }
}
