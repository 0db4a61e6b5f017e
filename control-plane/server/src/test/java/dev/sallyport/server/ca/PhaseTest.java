package dev.sallyport.server.ca;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.server.ca.Phase.Side;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What must hold in every phase. */
class PhaseTest {
    @ParameterizedTest
    @EnumSource
    void whoSignsAndWhoIsShownAreTrusted(Phase phase) {
        assertThat(phase.trusted()).contains(phase.signs(), phase.shows());
    }

    /** Else somebody who knows one root alone, an old join file or an old context, would be shut out while that root is still trusted. */
    @ParameterizedTest
    @EnumSource
    void whileTheOldRootIsTrustedTheControlPlaneShowsIt(Phase phase) {
        assertThat(phase.shows()).isEqualTo(phase.trusted().contains(Side.FROM) ? Side.FROM : Side.TO);
    }

    @ParameterizedTest
    @EnumSource
    void codeNamesThePhase(Phase phase) {
        assertThat(Phase.of(phase.code())).isEqualTo(phase);
    }
}
