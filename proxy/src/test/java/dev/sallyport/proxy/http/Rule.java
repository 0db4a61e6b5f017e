package dev.sallyport.proxy.http;

import java.util.List;

/** A rule of the grammar with examples, one a line, escaped as in Java: what passes, and its negative twins, which are refused. */
record Rule(String says, String good, String bad) {
    List<String> accepted() {
        return good.lines().map(String::translateEscapes).toList();
    }

    List<String> refused() {
        return bad.lines().map(String::translateEscapes).toList();
    }

    @Override
    public String toString() {
        return says;
    }
}
