package dev.sallyport.benchmarks.pair;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ConnectException;
import java.net.HttpURLConnection;
import java.net.SocketTimeoutException;
import java.net.URI;
import org.junit.jupiter.api.Test;

class SinkTest {
    private static int post(Sink sink) throws IOException {
        HttpURLConnection connection = (HttpURLConnection)
                URI.create("http://127.0.0.1:" + sink.address().getPort() + "/v1/traces")
                        .toURL()
                        .openConnection();
        connection.setReadTimeout(300);
        connection.setDoOutput(true);
        connection.getOutputStream().write(1);
        return connection.getResponseCode();
    }

    @Test
    void sinkBehavesAsItIsToldAndAnswersAgain() throws Exception {
        try (Sink sink = Sink.start()) {
            assertThat(post(sink)).isEqualTo(200);
            sink.become(Sink.Behaviour.SILENT);
            assertThatThrownBy(() -> post(sink)).isInstanceOf(SocketTimeoutException.class);
            sink.become(Sink.Behaviour.REFUSES);
            assertThatThrownBy(() -> post(sink)).isInstanceOf(ConnectException.class);
            sink.become(Sink.Behaviour.ANSWERS);
            assertThat(post(sink)).isEqualTo(200);
        }
    }
}
