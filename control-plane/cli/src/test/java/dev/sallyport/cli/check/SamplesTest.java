package dev.sallyport.cli.check;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SamplesTest {
    @Test
    void samplesAreReadWithTheirLabelsAndNothingElseIs() {
        Samples samples = Samples.parse("""
                # HELP a_total of x{y="z"} 3
                # TYPE a_total counter
                a_total{copy="x",result="sent"} 12
                a_total{copy="a\\"b\\\\c}, d=\\"e\\"",result="refused"} 1.5E3 1700000000000
                b 0.25
                c{le="+Inf"} +Inf
                d NaN
                no sample
                e{x="y"} --1
                """);
        assertThat(samples.sum("a_total", "result", "sent")).isEqualTo(12);
        assertThat(samples.sum("a_total", "copy", "a\"b\\c}, d=\"e\"")).isEqualTo(1500);
        assertThat(samples.sum("a_total", "copy", "absent")).isZero();
        assertThat(samples.value("b")).hasValue(0.25);
        assertThat(samples.value("c")).hasValue(Double.POSITIVE_INFINITY);
        assertThat(samples.value("d")).isNotEmpty();
        assertThat(samples.value("e")).isEmpty();
        assertThat(samples.all()).hasSize(5);
    }
}
