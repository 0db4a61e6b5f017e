package dev.sallyport.proxy.admin;

import java.util.Optional;

/** One answer, complete in memory, {@code body} sent as UTF-8; or, with {@code stream}, one that goes on after it. */
public record Page(int status, String contentType, String body, Optional<PageStream> stream) {
    public Page(int status, String contentType, String body) {
        this(status, contentType, body, Optional.empty());
    }

    static Page text(int status, String body) {
        return new Page(status, "text/plain; charset=utf-8", body);
    }

    static Page json(String body) {
        return new Page(200, "application/json", body + "\n");
    }

    /** Lines of JSON as they come. */
    static Page lines(PageStream stream) {
        return new Page(200, "application/x-ndjson", "", Optional.of(stream));
    }

    static Page notFound() {
        return text(404, "not found\n");
    }
}
