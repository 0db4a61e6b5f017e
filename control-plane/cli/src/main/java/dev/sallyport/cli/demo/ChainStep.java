package dev.sallyport.cli.demo;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.cli.CliException;
import java.io.IOException;
import java.util.Optional;

/** 2. One checkout through web, orders and payment, judged by what the last application saw. */
final class ChainStep implements Step {
    @Override
    public String name() {
        return "a user's request crosses three services, and the last one knows user and caller";
    }

    @Override
    public void run(Scene scene, Observation observation) throws IOException, CliException, InterruptedException {
        String token = scene.tokens().customer(Scene.USER);
        Client.Answer answer = scene.client().post(scene.checkout(), Optional.of(token), 2);
        observation.must(
                answer.status() == 200, "POST " + scene.checkout() + " as " + Scene.USER + ": " + answer.status());
        JsonNode web = answer.body();
        JsonNode orders = web.path("downstream");
        JsonNode payment = orders.path("downstream");
        observation.saw("web's application saw: no caller, for browsers are outside the mesh; it carries the token on");
        observation.must(
                says(orders, "orders", scene.shop().sidecar("web").id()), "orders' application saw: " + seen(orders));
        observation.must(
                says(payment, "payment", scene.shop().sidecar("orders").id()),
                "payment's application saw: " + seen(payment));
        observation.must(
                orders.path("authorization").asBoolean()
                        && !payment.path("authorization").asBoolean(true),
                "the token itself: reached orders, whose rule says forwardToken; taken away before payment");
        scene.curlCheckout().forEach(observation::repeat);
    }

    private static boolean says(JsonNode seen, String service, String caller) {
        return seen.path("service").asText().equals(service)
                && seen.path("caller").asText().equals(caller)
                && seen.path("user").asText().equals(Scene.USER)
                && seen.path("issuer").asText().equals("shop")
                && seen.path("roles").path(0).asText().equals("customer");
    }

    private static String seen(JsonNode seen) {
        return "caller " + seen.path("caller").asText() + ", user "
                + seen.path("user").asText() + " of issuer "
                + seen.path("issuer").asText() + ", roles " + seen.path("roles");
    }
}
