package dev.sallyport.cli.drill;

import dev.sallyport.cli.CliException;
import dev.sallyport.policy.Reason;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Objects;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a sidecar's metrics page says of its requests since its start.
 *
 * @param requests ended, in both directions
 * @param failed of them, those that the mesh itself could not serve (a reason with a status of 500 or more): what a policy denies has not failed
 */
record SidecarCounts(long requests, long failed) {
    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    private static final int FAILED = 500;
    /** A route's template may have braces and whatever else stands in quotes. */
    private static final Pattern REQUESTS = Pattern.compile(
            "(?m)^http_(?:server|client)_request_duration_seconds_count\\{((?:[^\"}]|\"(?:[^\"\\\\]|\\\\.)*\")*)} ([0-9.eE+]+)$");

    /** A reason of the mesh; the application's own failure is its status. */
    private static final Pattern REASON = Pattern.compile("(?:^|,)error_type=\"([a-z][a-z_]*)\"");

    /** {@code page}: {@code HOST:PORT}. */
    static SidecarCounts read(HttpClient client, String page) throws CliException, InterruptedException {
        try {
            URI uri = URI.create("http://" + page + "/metrics");
            HttpResponse<String> response =
                    client.send(HttpRequest.newBuilder(uri).timeout(TIMEOUT).build(), BodyHandlers.ofString());
            if (response.statusCode() == 200 && response.body().contains("sallyport_build_info")) {
                return parse(response.body());
            }
            throw new CliException("metrics: " + page + ": status " + response.statusCode()
                    + " (expected: a sidecar's page /metrics)");
        } catch (IOException | IllegalArgumentException e) {
            String why = Objects.requireNonNullElse(e.getMessage(), "cannot be reached"); // no message: refused
            throw new CliException("metrics: " + page + ": " + why + " (expected: a sidecar's page /metrics)");
        }
    }

    static SidecarCounts parse(String metrics) {
        long requests = 0;
        long failed = 0;
        for (MatchResult line : REQUESTS.matcher(metrics).results().toList()) {
            long count = (long) Double.parseDouble(line.group(2));
            Matcher reason = REASON.matcher(line.group(1));
            requests += count;
            failed += reason.find() && Reason.ofCode(reason.group(1)).status() >= FAILED ? count : 0;
        }
        return new SidecarCounts(requests, failed);
    }

    SidecarCounts plus(SidecarCounts other) {
        return new SidecarCounts(requests + other.requests, failed + other.failed);
    }

    SidecarCounts since(SidecarCounts earlier) {
        return new SidecarCounts(requests - earlier.requests, failed - earlier.failed);
    }
}
