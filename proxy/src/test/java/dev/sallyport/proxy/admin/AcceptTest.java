package dev.sallyport.proxy.admin;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AcceptTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "application/openmetrics-text",
                "Application/OpenMetrics-Text; version=1.0.0",
                "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.1",
                "text/html, application/openmetrics-text;q=0.1"
            })
    void openMetricsIsForThoseWhoNameIt(String header) {
        assertThat(Accept.of(header).prefersOpenMetrics()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "*/*",
                "text/plain",
                "application/*",
                "application/openmetrics-text;q=0",
                "application/openmetrics-text;q=x",
                "application/openmetrics-text;q=NaN",
                "application/openmetrics-text;q=0.3,text/plain;q=0.5",
                ";;;,,,q=1"
            })
    void textIsForEverybodyElse(String header) {
        assertThat(Accept.of(header).prefersOpenMetrics()).isFalse();
    }
}
