package dev.sallyport.proxy.admin;

import java.util.Locale;

/** What of the two formats of metrics a scraper would rather read (RFC 9110 section 12.5.1). */
record Accept(double openMetrics, double text) {
    private static final String OPEN_METRICS = "application/openmetrics-text";
    private static final String TEXT = "text/plain";

    /** {@code header}: the values of all fields, joined by commas. What cannot be read counts as not asked for. */
    static Accept of(String header) {
        double openMetrics = 0;
        double text = 0;
        for (String range : header.toLowerCase(Locale.ROOT).split(",", -1)) {
            String[] parts = range.split(";", -1);
            String type = parts[0].strip();
            if (type.equals(OPEN_METRICS)) {
                openMetrics = Math.max(openMetrics, quality(parts));
            } else if (type.equals(TEXT)) {
                text = Math.max(text, quality(parts));
            }
        }
        return new Accept(openMetrics, text);
    }

    private static double quality(String[] parts) {
        double quality = 1;
        for (int i = 1; i < parts.length; i++) {
            String parameter = parts[i].strip();
            if (parameter.startsWith("q=")) {
                try {
                    quality = Double.parseDouble(parameter.substring(2));
                } catch (NumberFormatException e) {
                    quality = 0;
                }
            }
        }
        return quality;
    }

    /** Only where it was named: whoever takes anything gets what everybody reads. */
    boolean prefersOpenMetrics() {
        return openMetrics > 0 && openMetrics >= text;
    }
}
