package dev.sallyport.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class RouteIndexTest {
    @Test
    void searchGoesBackWhereTheBetterBranchLeadsNowhere() {
        RouteIndex<String> index = new RouteIndex<>();
        List.of("/a/b/c", "/a/{x}/d", "/{x}/b/e", "/**")
                .forEach(text -> index.add("GET", PathTemplate.parse(text), text));

        assertThat(index.find("GET", "/a/b/c")).hasValue("/a/b/c");
        assertThat(index.find("GET", "/a/b/d")).hasValue("/a/{x}/d");
        assertThat(index.find("GET", "/a/b/e")).hasValue("/{x}/b/e");
        assertThat(index.find("GET", "/a/b/f")).hasValue("/**");
        assertThat(index.find("GET", "/")).isEmpty();
        assertThat(index.find("HEAD", "/a/b/c")).isEmpty();
    }
}
