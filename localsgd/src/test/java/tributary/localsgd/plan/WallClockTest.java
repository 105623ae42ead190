package tributary.localsgd.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tributary.localsgd.cluster.Exchange;
import tributary.localsgd.cluster.Link;

/// The formulas beside numbers worked out by hand.
class WallClockTest {
    private static final Network FAST = new Network(400, 0.25);
    private static final Network SLOW = new Network(10, 0.5);

    @Test
    void anAllReduceMovesTwiceTheBitsLessOneShare() {
        assertThat(FAST.allReduce(1000, 4)).isEqualTo(2 * 1000 * 0.75 / 400 + 0.25);
        assertThat(FAST.allReduce(1000, 1)).isZero();
    }

    @Test
    void dataParallelAndDiLoCoOfOneReplica() {
        StepTime step = new DataParallelTime(3, 1000, 4, FAST).step();
        assertThat(step.all()).isEqualTo(3 + 4.0);
        assertThat(step.utilization()).isEqualTo(3 / 7.0);
        StepTime merged = new DiLoCoTime(3, 1000, 1000, 4, 1, 10, FAST, SLOW).step();
        assertThat(merged.all()).isCloseTo(3 + 4 * 1.1, within(1e-12));
    }

    @Test
    void diLoCoOfSeveralReplicas() {
        StepTime step = new DiLoCoTime(3, 1000, 1000, 8, 2, 10, FAST, SLOW).step();
        assertThat(step.inside()).isCloseTo(2 * 1000 / 400.0 * (1 - 2 / 8.0) + 0.25, within(1e-12));
        assertThat(step.between()).isCloseTo((2 * 1000 / 10.0 * (1 - 1 / 8.0) + 0.5) / 10, within(1e-12));
        assertThat(new DiLoCoTime(3, 1000, 1000, 8, 8, 10, FAST, SLOW).step().inside()).isZero();
    }

    @Test
    void fromTheRatioOfBandwidthsOnMergingIsAtMostHalfOfTheCommunication() {
        Network inside = new Network(400, 0);
        Network between = new Network(10, 0);
        StepTime step = new DiLoCoTime(3, 1000, 1000, 1 << 20, 2, 400 / 10, inside, between).step();
        assertThat(step.between() / (step.between() + step.inside())).isCloseTo(0.5, within(1e-5));
    }

    @Test
    void streamingHidesTauStepsOfEachFragmentButNotMoreThanTheLineCarries() {
        StepTime step = new StepTime(3, 0, 1, 0);
        assertThat(new StreamingTime(step, 6, 10, 2, 0).withMerges().between()).isEqualTo(1.2); // as DiLoCo: 12 s in 10 steps
        assertThat(new StreamingTime(step, 6, 10, 2, 1).withMerges().between()).isEqualTo(0.4);
        assertThat(new StreamingTime(step, 6, 10, 2, 2).withMerges().between()).isZero();
        assertThat(new StreamingTime(step, 22, 10, 2, 9).withMerges().between()).isCloseTo(0.4, within(1e-12)); // 44 s in 40 s
    }

    @Test
    void twoStagesOfUnequalClusters() {
        Work work = new Work(100, 200, 4, 10, 1000, 60);
        Link inside = new Link(800, 400, 0.5, 0, 0.5); // 200 bits a second arrive
        Site large = new Site("large", 4, 500, 1, inside, new Link(100, 50, 0.25, 0, 0));
        Site small = new Site("small", 1, 1000, 1, Link.ideal(), new Link(100, 100, 0.5, 0, 0));
        TwoStageTime time = new TwoStageTime(work, List.of(large, small), 1600, Exchange.RING);
        StepTime step = time.step();
        // 6 x 100 x 30 = 18,000 FLOP each: 9 s and 18 s; 2 x 1600 x 3/4 / 200 + 0.5 = 12.5 s inside the large one
        assertThat(step.all()).isCloseTo(21.5, within(1e-12));
        assertThat(step.compute()).isCloseTo((4 * 9 + 18) / 5.0, within(1e-12));
        assertThat(step.inside()).isCloseTo(4 * 12.5 / 5.0, within(1e-12));
        // float32 around a ring of two: 2 turns of 0.5 s, 2 / 2 x 800 bytes at 50 bits a second; then 6400 bits at 200 inside
        assertThat(time.merge(Payload.of("fp32"), 1)).isCloseTo(1 + 128 + 32 + 0.5, within(1e-9));
        // encoded messages of 200 bytes and a scale go to everyone
        double int8 = 8.0 * Payload.of("int8").bytes(200);
        assertThat(time.merge(Payload.of("int8"), 1)).isCloseTo(0.5 + int8 / 50 + 32 + 0.5, within(1e-9));
    }

    @Test
    void aLawTurnsLossIntoTokens() {
        TokenLaw law = new TokenLaw.Sum(1, 100, 100, 0.5, 0.5, "a test", new Reach(Map.of()));
        assertThat(law.loss(1e4, 1e4)).isEqualTo(3);
        assertThat(law.tokens(1e4, 2.5)).isEqualTo(4e4);
        assertThat(law.tokens(1e4, 2)).isInfinite();
        ExtraTokens extra = new ExtraTokens.FromLaw(new LossRatio.Published(), law, 1e4, 1e4);
        assertThat(extra.of(1, 30)).isCloseTo(1, within(1e-12));
        assertThat(law.loss(1e4, extra.of(8, 30) * 1e4) * Math.pow(8, 0.0116)).isCloseTo(3, within(1e-9));
        assertThat(new ExtraTokens.FromLaw(new LossRatio.Published(), law, 1e4, 1e12).of(8, 30)).isInfinite();
    }

    @Test
    void payloadsHaveTheirCodecsBytes() {
        assertThat(Payload.of("fp32").bytes(3.5e9)).isEqualTo(14_000_000_000L);
        assertThat(Payload.of("bf16").bytes(1001)).isEqualTo(2002);
        assertThat(Payload.of("fp4").bytes(1e10)).isEqualTo(5_312_500_000L); // 4 bits, and 8 for each 32 numbers
    }
}
