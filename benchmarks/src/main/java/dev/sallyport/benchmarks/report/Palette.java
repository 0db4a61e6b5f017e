package dev.sallyport.benchmarks.report;

import java.awt.BasicStroke;
import java.awt.Color;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The colours of Okabe and Ito, which people with any colour vision tell apart. A configuration has the same one in every plot. */
final class Palette {
    static final Color BLUE = new Color(0x0072B2);
    static final Color VERMILION = new Color(0xD55E00);
    static final Color GREEN = new Color(0x009E73);
    static final Color ORANGE = new Color(0xE69F00);
    static final Color SKY = new Color(0x56B4E9);
    static final Color PURPLE = new Color(0xCC79A7);
    static final Color GREY = new Color(0x7F7F7F);
    static final Color INK = new Color(0x202020);
    static final Color GRID = new Color(0xDDDDDD);

    private static final Map<String, Color> CONFIGURATIONS = Map.ofEntries(
            Map.entry("direct", INK),
            Map.entry("relay", GREY),
            Map.entry("nginx", GREEN),
            Map.entry("haproxy", PURPLE),
            Map.entry("envoy", ORANGE),
            Map.entry("envoy-full", VERMILION),
            Map.entry("sallyport", BLUE),
            Map.entry("sallyport-minimal", SKY));
    private static final List<Color> OTHERS = List.of(SKY, ORANGE, GREY, PURPLE, GREEN, VERMILION, INK);

    private static final float THIN = 1.6f;
    private static final float THICK = 3f;

    private Palette() {}

    /** {@code place}: among those that are shown, for those without a colour of their own. */
    static Color of(String configuration, int place) {
        return Optional.ofNullable(CONFIGURATIONS.get(configuration)).orElse(OTHERS.get(place % OTHERS.size()));
    }

    /** Ours is the thick one; what shares a colour differs in its dashes. */
    static BasicStroke stroke(String configuration) {
        if (configuration.startsWith("sallyport")) {
            return new BasicStroke(THICK, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND);
        }
        return CONFIGURATIONS.containsKey(configuration)
                ? new BasicStroke(THIN, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND)
                : new BasicStroke(THIN, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 1, new float[] {6, 3}, 0);
    }
}
