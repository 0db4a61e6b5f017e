package dev.sallyport.cli.demo;

import dev.sallyport.cli.CliException;
import java.io.IOException;
import java.util.Optional;

/** 4. Four ways to be no user; the caller is told 401, the record knows which. */
final class TokensStep implements Step {
    @Override
    public String name() {
        return "no token, an expired one, a stranger's, an unsigned one: 401, for four different reasons";
    }

    @Override
    public void run(Scene scene, Observation observation) throws IOException, CliException, InterruptedException {
        String good = scene.tokens().customer(Scene.USER);
        String expired = scene.tokens().expired(Scene.USER);
        refused(scene, observation, "no token", Optional.empty(), "token_missing");
        String id = refused(scene, observation, "a token that has expired", Optional.of(expired), "token_expired");
        refused(
                scene,
                observation,
                "signed by a stranger",
                Optional.of(Tokens.signedByStranger(good)),
                "token_signature");
        refused(scene, observation, "algorithm switched to none", Optional.of(Tokens.unsigned(good)), "token_invalid");
        String withToken = "curl -s -X POST -H \"Authorization: Bearer $TOKEN\" " + scene.checkout();
        observation.repeat("curl -s -X POST " + scene.checkout());
        observation.repeat(scene.tokens().shellVariable(Scene.USER, "&expiresIn=-300"));
        observation.repeat(withToken);
        observation.repeat(scene.tokens().shellVariable(Scene.USER, ""));
        observation.repeat(Tokens.SHELL_OTHER_SIGNATURE);
        observation.repeat(withToken);
        observation.repeat(Tokens.SHELL_UNSIGNED);
        observation.repeat(withToken);
        observation.repeat(
                Scene.shell("explain", id, "--state", scene.folder().state().toString()));
    }

    /** Refused at the door of web, whose sidecar verifies who comes in: one hop. Returns the decision's id. */
    private static String refused(
            Scene scene, Observation observation, String what, Optional<String> token, String reason)
            throws IOException, CliException, InterruptedException {
        Client.Answer answer = scene.client().post(scene.checkout(), token, 1);
        String id = answer.decisionId();
        String recorded = id.isEmpty()
                ? "no decision id"
                : scene.records().ofDecision("web", id).reason();
        observation.must(
                answer.status() == 401 && recorded.equals(reason),
                what + ": " + answer.status() + ", on record at web: " + recorded + ", decision " + id);
        return id;
    }
}
