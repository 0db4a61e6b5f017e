package dev.sallyport.proxy.admin;

/** One answer, complete in memory; {@code body} is sent as UTF-8. */
public record Page(int status, String contentType, String body) {
    static Page text(int status, String body) {
        return new Page(status, "text/plain; charset=utf-8", body);
    }

    static Page json(String body) {
        return new Page(200, "application/json", body + "\n");
    }

    static Page notFound() {
        return text(404, "not found\n");
    }
}
