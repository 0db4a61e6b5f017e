package dev.sallyport.cli.demo;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.cli.CliException;
import dev.sallyport.cli.load.Load;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.stream.StreamSupport;

/** 2. One checkout through web, orders and payment, judged by what the applications saw; then two requests that claim to belong to it. */
final class ChainStep implements Step {
    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String SPAN = "00f067aa0ba902b7";
    private static final String OTHER_SPAN = "53995c3f42cd8ad8";

    @Override
    public String name() {
        return "a user's request crosses three services: the last one knows the user and who carried her, and none had her token";
    }

    @Override
    public void run(Scene scene, Observation observation) throws IOException, CliException, InterruptedException {
        String token = scene.tokens().customer(Scene.USER);
        Client.Header trace = parent(SPAN);
        Client.Answer answer = checkout(scene, token, trace);
        observation.must(
                answer.status() == 200,
                "POST " + scene.checkout() + ", edge's port for web, with " + Scene.USER + "'s token: "
                        + answer.status());
        JsonNode web = answer.body();
        JsonNode orders = web.path("downstream");
        JsonNode payment = orders.path("downstream");
        saw(scene, observation, web, "web", Shop.EDGE, List.of());
        saw(scene, observation, orders, "orders", "web", List.of("web"));
        saw(scene, observation, payment, "payment", "orders", List.of("web", "orders"));
        observation.must(
                List.of(web, orders, payment).stream().allMatch(ChainStep::hadNoToken),
                "no application had her token or a hop token: each copied trace headers, its sidecar knew whose they are");

        Load more =
                Load.start(() -> checkout(scene, token, trace).failure()); // What has ended would be refused anyway.
        try {
            invented(scene, observation, "her trace id and another span", parent(OTHER_SPAN));
            invented(scene, observation, "an invented handle", new Client.Header("tracestate", "sallyport=" + TRACE));
        } finally {
            more.stop();
        }
        Load.Result result = more.result();
        observation.must(
                result.sent() > 0 && result.failed() == 0,
                "meanwhile " + result.sent() + " more of her checkouts in that trace, failed " + result.failed()
                        + result.firstFailure().map(why -> ": " + why).orElse(""));
        scene.curlCheckout().forEach(observation::repeat);
        observation.repeat(
                "curl -s -X POST -H 'traceparent: " + parent(OTHER_SPAN).value() + "' " + orders(scene));
    }

    private static Client.Answer checkout(Scene scene, String token, Client.Header trace)
            throws IOException, InterruptedException {
        return scene.client().post(scene.checkout(), Optional.of(token), Scene.CHECKOUT_HOPS, trace);
    }

    private static void saw(
            Scene scene, Observation observation, JsonNode seen, String service, String caller, List<String> via) {
        boolean right = seen.path("service").asText().equals(service)
                && seen.path("caller")
                        .asText()
                        .equals(scene.shop().sidecar(caller).id())
                && seen.path("user").asText().equals(Scene.USER)
                && seen.path("issuer").asText().equals("shop")
                && texts(seen.path("roles")).equals(List.of("customer"))
                && texts(seen.path("via")).equals(via);
        List<String> carriers = texts(seen.path("via"));
        observation.must(
                right,
                "the application of " + service + " saw: caller "
                        + seen.path("caller").asText() + ", user "
                        + seen.path("user").asText() + " of issuer "
                        + seen.path("issuer").asText() + ", roles " + texts(seen.path("roles"))
                        + (carriers.isEmpty()
                                ? ", by a token of her own"
                                : ", carried by " + String.join(", ", carriers)));
    }

    private static boolean hadNoToken(JsonNode seen) {
        return !seen.path("authorization").asBoolean(true)
                && !seen.path("hopToken").asBoolean(true);
    }

    /** As web's application could ask orders, at its own sidecar, with no more than words about whose request it is. */
    private static void invented(Scene scene, Observation observation, String what, Client.Header header)
            throws IOException, CliException, InterruptedException {
        Client.Answer answer = scene.client().post(orders(scene), Optional.empty(), 1, header);
        String id = answer.decisionId();
        String recorded = id.isEmpty()
                ? "no decision id"
                : scene.records().ofDecision("orders", id).reason();
        observation.must(
                answer.status() == 401 && recorded.equals("token_missing"),
                "web asks orders with " + what + ": " + answer.status() + ", on record at orders: " + recorded
                        + ", for nobody");
    }

    private static String orders(Scene scene) {
        return scene.shop().sidecar("web").upstream("orders") + "/orders";
    }

    /** W3C Trace Context section 3.2. */
    private static Client.Header parent(String span) {
        return new Client.Header("traceparent", "00-" + TRACE + "-" + span + "-01");
    }

    private static List<String> texts(JsonNode list) {
        return StreamSupport.stream(list.spliterator(), false)
                .map(JsonNode::asText)
                .toList();
    }
}
