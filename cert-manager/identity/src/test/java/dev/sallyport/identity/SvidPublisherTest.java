package dev.sallyport.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.identity.Forge.Holder;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class SvidPublisherTest {
    private static final String ID = "spiffe://shop.example/orders";
    private static final Clock CLOCK = Clock.fixed(Forge.NOW, ZoneOffset.UTC);

    private final TrustDomain shop = new TrustDomain("shop.example");
    private final Holder root = Forge.root("root");
    private final Holder next = Forge.root("next");
    private final SvidPublisher publisher = new SvidPublisher(CLOCK);
    private final SvidSource source = publisher.source();

    @Test
    void nothingIsThereBeforeItIsPublished() {
        assertThat(source.svid()).isEmpty();
        assertThat(source.bundle(shop)).isEmpty();
        assertThat(source.generation()).isZero();
    }

    @Test
    void eachChangeIsANewGenerationAndHeardOf() throws Exception {
        var heard = new AtomicInteger();
        publisher.onChange(heard::incrementAndGet);
        publisher.publishBundles(List.of(bundle(root)));
        assertThat(source.generation()).isEqualTo(1);
        X509Svid svid = svid(Forge.leaf(ID).signedBy(root));
        publisher.publish(svid);
        assertThat(source.generation()).isEqualTo(2);
        assertThat(source.svid()).containsSame(svid);
        assertThat(heard).hasValue(2);
    }

    @Test
    void svidThatPeersWouldRefuseDoesNotReplaceTheOldOne() throws Exception {
        publisher.publishBundles(List.of(bundle(root)));
        X509Svid good = svid(Forge.leaf(ID).signedBy(root));
        publisher.publish(good);
        X509Svid stranger = svid(Forge.leaf(ID).signedBy(next));
        X509Svid expired = svid(Forge.leaf(ID)
                .valid(Forge.NOW.minus(Duration.ofDays(2)), Forge.NOW.minusSeconds(1))
                .signedBy(root));
        assertThatThrownBy(() -> publisher.publish(stranger)).isInstanceOf(SvidRejectedException.class);
        assertThatThrownBy(() -> publisher.publish(expired)).isInstanceOf(SvidRejectedException.class);
        assertThat(source.svid()).containsSame(good);
        assertThat(source.generation()).isEqualTo(2);
    }

    @Test
    void svidNeedsItsBundleFirst() throws Exception {
        X509Svid svid = svid(Forge.leaf(ID).signedBy(root));
        assertThatThrownBy(() -> publisher.publish(svid)).hasMessageContaining("no bundle");
    }

    @Test
    void bundlesThatStrandTheCurrentSvidAreRefused() throws Exception {
        publisher.publishBundles(List.of(bundle(root)));
        publisher.publish(svid(Forge.leaf(ID).signedBy(root)));
        assertThatThrownBy(() -> publisher.publishBundles(List.of(bundle(next))))
                .isInstanceOf(SvidRejectedException.class);
        assertThatThrownBy(() -> publisher.publishBundles(List.of())).isInstanceOf(SvidRejectedException.class);
        assertThat(source.bundle(shop)).contains(bundle(root));
        publisher.publishBundles(List.of(bundle(root, next)));
        assertThat(source.bundle(shop)).contains(bundle(root, next));
    }

    @Test
    void sameBundlesAgainAreNoChange() throws Exception {
        publisher.publishBundles(List.of(bundle(root)));
        publisher.publish(svid(Forge.leaf(ID).signedBy(root)));
        var heard = new AtomicInteger();
        publisher.onChange(heard::incrementAndGet);
        publisher.publishBundles(List.of(bundle(root)));
        assertThat(source.generation()).isEqualTo(2);
        assertThat(heard).hasValue(0);
        publisher.publishBundles(List.of(bundle(root, next)));
        assertThat(source.generation()).isEqualTo(3);
        assertThat(heard).hasValue(1);
    }

    @Test
    void authorityAndSvidAreReplacedInOneStep() throws Exception {
        X509Svid old = svid(Forge.leaf(ID).signedBy(root));
        publisher.publish(old, List.of(bundle(root)));
        X509Svid fresh = svid(Forge.leaf(ID).signedBy(next));
        assertThatThrownBy(() -> publisher.publish(fresh)).isInstanceOf(SvidRejectedException.class);
        publisher.publish(fresh, List.of(bundle(next)));
        assertThat(source.svid()).containsSame(fresh);
        assertThat(source.bundle(shop)).contains(bundle(next));
        assertThat(source.generation()).isEqualTo(2);
        publisher.publish(fresh, List.of(bundle(next)));
        assertThat(source.generation()).isEqualTo(2);
    }

    @Test
    void svidThatDoesNotFitTheBundlesReplacesNeither() throws Exception {
        X509Svid old = svid(Forge.leaf(ID).signedBy(root));
        publisher.publish(old, List.of(bundle(root)));
        X509Svid fresh = svid(Forge.leaf(ID).signedBy(root));
        assertThatThrownBy(() -> publisher.publish(fresh, List.of(bundle(next))))
                .isInstanceOf(SvidRejectedException.class);
        assertThat(source.svid()).containsSame(old);
        assertThat(source.bundle(shop)).contains(bundle(root));
        assertThat(source.generation()).isEqualTo(1);
    }

    @Test
    void expiredSvidHoldsNoBundleUp() throws Exception {
        Clock later = Clock.offset(CLOCK, Duration.ofDays(2));
        var clock = new Clock[] {CLOCK};
        var late = new SvidPublisher(new Clock() {
            @Override
            public java.time.Instant instant() {
                return clock[0].instant();
            }

            @Override
            public java.time.ZoneId getZone() {
                return ZoneOffset.UTC;
            }

            @Override
            public Clock withZone(java.time.ZoneId zone) {
                return this;
            }
        });
        Holder longLived = Forge.authority("long")
                .valid(Forge.NOW.minusSeconds(1), Forge.NOW.plus(Duration.ofDays(9)))
                .selfSigned();
        late.publishBundles(List.of(bundle(longLived)));
        late.publish(svid(Forge.leaf(ID).signedBy(longLived)));
        clock[0] = later;
        late.publishBundles(List.of(bundle(longLived, next)));
        assertThat(late.source().bundle(shop)).contains(bundle(longLived, next));
    }

    @Test
    void twoBundlesForOneTrustDomainAreRefused() {
        assertThatThrownBy(() -> publisher.publishBundles(List.of(bundle(root), bundle(next))))
                .hasMessageContaining("two for shop.example");
    }

    @Test
    void bundleHoldsRootsOnly() {
        assertThatIllegalArgumentException().isThrownBy(() -> new TrustBundle(shop, List.of()));
        Holder intermediate = Forge.authority("intermediate").signedBy(root);
        assertThatIllegalArgumentException().isThrownBy(() -> bundle(intermediate));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> bundle(Forge.leaf(ID).selfSigned()));
    }

    private TrustBundle bundle(Holder... roots) {
        return new TrustBundle(
                shop, List.of(roots).stream().map(Holder::certificate).toList());
    }

    private static X509Svid svid(Holder leaf) throws SvidRejectedException {
        return X509Svid.of(List.of(leaf.certificate()), leaf.key());
    }
}
