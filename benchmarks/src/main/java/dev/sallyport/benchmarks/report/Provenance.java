package dev.sallyport.benchmarks.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Where a table's figures come from, and how far to trust them. */
final class Provenance {
    private Provenance() {}

    static List<String> lines(String benchmark, RawFigures raw) {
        JsonNode json = raw.json();
        List<String> lines = new ArrayList<>();
        lines.add("    ./sallyport bench " + String.join(" ", raw.words()));
        lines.add("");
        lines.add("[Raw figures](results/" + benchmark + ".json) of "
                + json.path("started").asText().replaceAll("T.*", "") + ", seed "
                + json.path("seed").asText() + ": " + machine(json) + ". " + versions(json) + "." + leftOut(raw));
        lines.addAll(noise(json));
        return lines;
    }

    private static String machine(JsonNode json) {
        JsonNode machine = json.path("machine");
        return machine.path("cpus").asText() + " CPUs, " + machine.path("cpu").asText() + ", "
                + machine.path("memory").asText() + ", Linux "
                + machine.path("kernel").asText()
                + (machine.path("governor").asText("unknown").equals("unknown")
                        ? ""
                        : ", governor " + machine.path("governor").asText());
    }

    private static String versions(JsonNode json) {
        JsonNode versions = json.path("versions");
        List<String> texts = new ArrayList<>();
        texts.add("Sallyport " + versions.path("commit").asText());
        texts.add("Java " + versions.path("java").asText());
        for (String peer : List.of("nginx", "haproxy", "envoy")) {
            String said = versions.path(peer).asText("none");
            texts.add(peer + ": " + said.replaceAll("^.*(version: ?)", ""));
        }
        return String.join("; ", texts);
    }

    private static String leftOut(RawFigures raw) {
        return raw.leftOut().isEmpty() ? "" : " Left out: " + String.join(", ", raw.leftOut()) + ".";
    }

    private static List<String> noise(JsonNode json) {
        List<Double> percents = new ArrayList<>();
        int repeated = 0;
        int noisy = 0;
        for (JsonNode round : json.path("rounds")) {
            JsonNode noise = round.path("noise");
            if (noise.has("othersPercent")) {
                percents.add(noise.path("othersPercent").asDouble()
                        + noise.path("stolenPercent").asDouble());
            }
            for (JsonNode configuration : round.path("configurations")) {
                for (JsonNode phase : configuration) {
                    repeated += phase.path("setAside").size();
                    noisy += phase.path("noise").has("noisy") ? 1 : 0;
                }
            }
        }
        if (percents.isEmpty()) {
            return List.of();
        }
        return List.of(String.format(
                Locale.ROOT,
                "Other programs and the host took %.1f to %.1f %% of the CPUs in the %d rounds; %d measurements were repeated for that, %d stayed noisy (marked ~).",
                percents.stream().mapToDouble(Double::doubleValue).min().orElse(0),
                percents.stream().mapToDouble(Double::doubleValue).max().orElse(0),
                percents.size(),
                repeated,
                noisy));
    }
}
