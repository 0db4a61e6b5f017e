package dev.sallyport.cli.demo;

import dev.sallyport.cli.Cli;
import dev.sallyport.cli.Launch;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What a step works with: the running shop, clients, records, and our own command line. */
record Scene(DemoFolder folder, Shop shop, Ledger ledger, Client client, Records records) {
    /** The user of every step. */
    static final String USER = "alice";

    /** How one of our own commands ended and what it printed. */
    record Ran(int exit, String out, String err) {}

    Tokens tokens() {
        return new Tokens(client, shop.tokenEndpoint());
    }

    /** How many hops a checkout has: from edge to web, from web to orders, from orders to payment. */
    static final int CHECKOUT_HOPS = 3;

    /** Where people come in: the edge's port for the storefront. The request goes on to orders and payment. */
    String checkout() {
        return shop.sidecar(Shop.EDGE).upstream("web") + "/checkout";
    }

    /** Where catalog asks payment for money, which no rule allows: catalog's own sidecar, as its application would use it. */
    String chargeByCatalog() {
        return shop.sidecar("catalog").upstream("payment") + "/charges";
    }

    /** Runs one of our commands in this process. */
    static Ran run(String... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int exit = Cli.execute(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                arguments);
        return new Ran(exit, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    /** The same command for a shell. */
    static String shell(String... arguments) {
        String launcher = System.getProperty(Launch.LAUNCHER_PROPERTY, "sallyport");
        return Stream.concat(Stream.of(launcher), Stream.of(arguments))
                .map(Scene::quoted)
                .collect(Collectors.joining(" "));
    }

    static String quoted(String word) {
        boolean plain = !word.isEmpty()
                && word.chars().allMatch(c -> Character.isLetterOrDigit(c) || "-_./:=,@%+".indexOf(c) >= 0);
        return plain ? word : "'" + word.replace("'", "'\\''") + "'";
    }

    static String quoted(Path path) {
        return quoted(path.toString());
    }

    /** {@code curl} as the user does it. */
    List<String> curlCheckout() {
        return List.of(
                tokens().shellVariable(USER, ""), "curl -s -X POST -H \"Authorization: Bearer $TOKEN\" " + checkout());
    }
}
