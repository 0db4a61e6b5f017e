package dev.sallyport.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ObservationTest {
    @Test
    void holdsWhenEverythingThatMustBeIs() {
        Observation observation = new Observation();
        observation.must(true, "200");
        observation.saw("by the way");
        assertThat(observation.ok()).isTrue();
        assertThat(observation.seen()).containsExactly("200", "by the way");
    }

    @Test
    void oneThingThatIsNotFailsIt() {
        Observation observation = new Observation();
        observation.must(false, "500");
        observation.must(true, "200");
        assertThat(observation.ok()).isFalse();
        assertThat(observation.seen()).containsExactly("NOT AS IT MUST BE: 500", "200");
    }

    @Test
    void failureFailsIt() {
        Observation observation = new Observation();
        observation.must(true, "200");
        observation.failed("the rest did not happen");
        assertThat(observation.ok()).isFalse();
    }

    @Test
    void stepThatSawNothingHasShownNothing() {
        assertThat(new Observation().ok()).isFalse();
        Observation talk = new Observation();
        talk.saw("nice weather");
        assertThat(talk.ok()).isFalse();
    }

    @Test
    void jsonHasNameOkSeenAndRepeatOfEachStepInOrder() {
        Observation good = new Observation();
        good.must(true, "one");
        good.must(true, "two");
        good.repeat("sallyport status");
        Observation bad = new Observation();
        bad.failed("no");
        Map<Step, Observation> observations = new LinkedHashMap<>();
        observations.put(new StartedStep(), good);
        observations.put(new ChainStep(), bad);
        JsonNode json = Demonstration.json(observations);
        assertThat(json.properties()).hasSize(1);
        JsonNode first = json.path("steps").path(0);
        assertThat(first.properties().stream().map(Map.Entry::getKey)).containsExactly("name", "ok", "seen", "repeat");
        assertThat(first.path("ok").asBoolean()).isTrue();
        assertThat(first.path("seen").asText()).isEqualTo("one\ntwo");
        assertThat(first.path("repeat").asText()).isEqualTo("sallyport status");
        assertThat(json.path("steps").path(1).path("ok").asBoolean(true)).isFalse();
        assertThat(json.path("steps")).hasSize(2);
    }
}
