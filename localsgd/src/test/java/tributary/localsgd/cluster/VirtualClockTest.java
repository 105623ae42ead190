package tributary.localsgd.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tributary.localsgd.StepObserver;
import tributary.model.json.JsonFile;

/// Virtual time is what the formulas say.
class VirtualClockTest {
    private static final StepObserver ANY = new StepObserver() {
        @Override
        public boolean mayStart(int replica, int step) {
            return step <= 100;
        }

        @Override
        public void finished(int replica, int step, double loss) {}
    };

    private static Worker worker(double speed, Link line) {
        return new Worker("w", new Speed.Constant(speed), line);
    }

    private static void exchange(VirtualClock clock, List<Long> messages, long dense) {
        clock.exchange(IntStream.range(0, messages.size()).boxed().toList(), messages, dense);
    }

    private static void steps(VirtualClock clock, int worker, int first, int last) {
        StepObserver observer = clock.over(ANY);
        for (int step = first; step <= last; step++) {
            observer.mayStart(worker, step);
            observer.finished(worker, step, 1);
        }
    }

    @Test
    void aServerMergesWhenTheLastMessageHasArrived() {
        Link near = new Link(8e6, 16e6, 0.1, 0, 0);
        Link far = new Link(4e6, 8e6, 0.5, 0, 0.5);
        VirtualClock clock = new VirtualClock(new Cluster(2, 1, Exchange.SERVER, List.of(worker(1, near), worker(4, far))));
        steps(clock, 0, 1, 3); // 3 x 2 s
        steps(clock, 1, 1, 3); // 3 x 0.5 s
        exchange(clock, List.of(1_000_000L, 500_000L), 1_000_000L);
        // up: 6 + 0.1 + 1 = 7.1;  1.5 + 0.5 + 4 / 2 = 4.0.   down: min(500 kB, 1 MB) 7.1 + 0.1 + 0.25;  7.1 + 0.5 + 8 / 4 = 9.6
        assertThat(clock.seconds()).isCloseTo(9.6, within(1e-9));
        assertThat(clock.communicatedBytes()).isEqualTo(2 * 1_500_000);
        WorkerTime first = clock.times().get(0);
        WorkerTime second = clock.times().get(1);
        assertThat(first.compute()).isEqualTo(6);
        assertThat(first.transfer()).isCloseTo(1.1 + 0.35, within(1e-9));
        assertThat(second.waiting()).isCloseTo(3.1, within(1e-9));
        assertThat(first.all()).isCloseTo(9.6, within(1e-9));
        assertThat(second.all()).isCloseTo(9.6, within(1e-9));
        assertThat(second.utilization()).isCloseTo(1.5 / 9.6, within(1e-9));
    }

    @Test
    void aRingOfFloatsTakesTwiceItsSizeLessOneShareAndOneLatencyATurn() {
        Link line = new Link(8e6, 8e6, 0.25, 0, 0);
        VirtualClock clock = new VirtualClock(new Cluster(1, 1, Exchange.RING, List.of(worker(1, line), worker(1, line), worker(1, line),
                worker(1, line))));
        IntStream.range(0, 4).forEach(m -> steps(clock, m, 1, 1));
        exchange(clock, List.of(1_000_000L, 1_000_000L, 1_000_000L, 1_000_000L), 1_000_000L);
        assertThat(clock.seconds()).isCloseTo(1 + 1.5 + 6 * 0.25, within(1e-9)); // 2 (1 - 1/4) MB at 1 MB/s, 2 (4 - 1) turns
        assertThat(clock.communicatedBytes()).isEqualTo(4 * 2 * 1_500_000);
    }

    @Test
    void encodedMessagesGoAllTheWayRoundARing() {
        Link line = new Link(8e6, 8e6, 0.25, 0, 0);
        VirtualClock clock = new VirtualClock(new Cluster(1, 1, Exchange.RING, List.of(worker(1, line), worker(1, line), worker(2, line))));
        IntStream.range(0, 3).forEach(m -> steps(clock, m, 1, 1));
        exchange(clock, List.of(100_000L, 300_000L, 200_000L), 1_000_000L);
        assertThat(clock.seconds()).isCloseTo(1 + 0.5 + 2 * 0.25, within(1e-9));
        assertThat(clock.times().get(2).waiting()).isCloseTo(0.5, within(1e-9));
    }

    @Test
    void aSingleWorkerSendsNothing() {
        VirtualClock clock = new VirtualClock(new Cluster(1, 1, Exchange.SERVER, List.of(worker(1, new Link(1, 1, 1, 1, 0)))));
        steps(clock, 0, 1, 5);
        exchange(clock, List.of(1_000_000L), 1_000_000L);
        assertThat(clock.seconds()).isEqualTo(5);
        assertThat(clock.communicatedBytes()).isZero();
    }

    @Test
    void aStepEndsWhenTheSlowestWorkerHasDoneItAndTheLastOfARoundAfterItsExchange() {
        VirtualClock clock = new VirtualClock(new Cluster(1, 1, Exchange.SERVER, List.of(
                worker(1, new Link(8, 8, 0, 0, 0)), worker(0.5, new Link(8, 8, 0, 0, 0)))));
        steps(clock, 0, 1, 3);
        steps(clock, 1, 1, 3);
        assertThat(clock.endOf(1)).isEqualTo(2);
        assertThat(clock.endOf(2)).isEqualTo(4);
        exchange(clock, List.of(1L, 1L), 1);
        assertThat(clock.endOf(3)).isEqualTo(8);
    }

    @Test
    void aStepWithoutAGradientOrThatMayNotStartTakesNoTime() {
        VirtualClock clock = new VirtualClock(
                new Cluster(1, 1, Exchange.SERVER, List.of(worker(1, Link.ideal()), worker(1, Link.ideal()))));
        StepObserver observer = clock.over(ANY);
        observer.mayStart(0, 1);
        observer.skipped(0, 1);
        assertThat(observer.mayStart(0, 101)).isFalse();
        assertThat(clock.seconds()).isZero();
    }

    @Test
    void drawnSpeedsAreTheSameForTheSameSeedAndHaveTheirMean() {
        Speed speed = new Speed.Distribution(2, 0.5);
        double[] drawn = IntStream.rangeClosed(1, 20_000).mapToDouble(step -> speed.at(1, 0, step)).toArray();
        double mean = IntStream.range(0, drawn.length).mapToDouble(i -> drawn[i]).average().orElseThrow();
        double square = IntStream.range(0, drawn.length).mapToDouble(i -> (drawn[i] - mean) * (drawn[i] - mean)).average().orElseThrow();
        assertThat(mean).isCloseTo(2, within(0.02));
        assertThat(Math.sqrt(square)).isCloseTo(0.5, within(0.02));
        assertThat(speed.at(1, 0, 7)).isEqualTo(drawn[6]).isNotEqualTo(speed.at(2, 0, 7)).isNotEqualTo(speed.at(1, 1, 7));
        Speed trace = new Speed.Trace(List.of(1.0, 0.25));
        assertThat(IntStream.rangeClosed(1, 4).mapToDouble(step -> trace.at(1, 0, step))).containsExactly(1.0, 0.25, 1.0, 0.25);
    }

    @Test
    void jitterIsAtMostWhatTheLinkSaysAndRepeats() {
        Cluster cluster = new Cluster(1, 3, Exchange.SERVER, List.of(
                worker(1, new Link(1e12, 1e12, 0, 0.5, 0)), worker(1, Link.ideal())));
        VirtualClock clock = new VirtualClock(cluster);
        VirtualClock again = new VirtualClock(cluster);
        double before = 0;
        for (int i = 0; i < 50; i++) {
            exchange(clock, List.of(1L, 1L), 1);
            exchange(again, List.of(1L, 1L), 1);
            assertThat(clock.seconds() - before).isBetween(0.0, 1.0);
            before = clock.seconds();
        }
        assertThat(before).isBetween(15.0, 35.0).isEqualTo(again.seconds());
    }

    @Test
    void aSavedClockGoesOn(@TempDir Path temp) throws IOException {
        Cluster cluster = new Cluster(1, 3, Exchange.SERVER, List.of(
                worker(1, new Link(1e6, 1e6, 0.1, 0.5, 0)), worker(2, Link.ideal())));
        VirtualClock whole = new VirtualClock(cluster);
        VirtualClock first = new VirtualClock(cluster);
        for (VirtualClock clock : List.of(whole, first)) {
            steps(clock, 0, 1, 4);
            steps(clock, 1, 1, 4);
            exchange(clock, List.of(10L, 10L), 10);
        }
        VirtualClock second = new VirtualClock(cluster);
        VirtualClock.State state = first.state();
        steps(first, 0, 5, 5); // lost: the timeline is written later than the state
        first.writeTimeline(temp.resolve("trace.json"), temp.resolve("picture.svg"));
        second.resume(state, temp.resolve("trace.json"));
        for (VirtualClock clock : List.of(whole, second)) {
            steps(clock, 0, 5, 6);
            exchange(clock, List.of(10L, 10L), 10);
        }
        assertThat(second.state()).isEqualTo(whole.state());
        whole.writeTimeline(temp.resolve("whole.json"), temp.resolve("whole.svg"));
        second.writeTimeline(temp.resolve("trace.json"), temp.resolve("picture.svg"));
        assertThat(temp.resolve("trace.json")).hasSameTextualContentAs(temp.resolve("whole.json"));
        assertThat(temp.resolve("picture.svg")).hasSameTextualContentAs(temp.resolve("whole.svg"));
        VirtualClock other = new VirtualClock(new Cluster(1, 3, Exchange.SERVER, List.of(worker(1, Link.ideal()))));
        assertThatThrownBy(() -> other.resume(first.state(), temp.resolve("none")))
                .hasMessageContaining("2 virtual workers, the cluster 1");
    }

    /// Spans of a worker follow each other without a gap and add up to its times.
    @Test
    void aTimelineIsATraceWithoutGapsAndAPicture(@TempDir Path temp) throws Exception {
        VirtualClock clock = new VirtualClock(new Cluster(1, 3, Exchange.SERVER, List.of(
                new Worker("a<b&c", new Speed.Distribution(1, 0.5), new Link(1e6, 1e6, 0.1, 0.5, 0)), worker(2, Link.ideal()))));
        for (int round = 0; round < 5; round++) {
            for (int m = 0; m < 2; m++) {
                steps(clock, m, 3 * round + 1, 3 * round + 3);
            }
            exchange(clock, List.of(1000L, 1000L), 1000);
        }
        clock.writeTimeline(temp.resolve("trace.json"), temp.resolve("picture.svg"));
        double[] ends = new double[2];
        double computed = 0;
        int spans = 0;
        for (JsonNode event : JsonFile.read(temp.resolve("trace.json")).required("traceEvents")) {
            if (event.required("ph").stringValue().equals("X")) {
                int m = event.required("tid").intValue();
                assertThat(event.required("ts").doubleValue()).isCloseTo(ends[m], within(1e-3));
                ends[m] = event.required("ts").doubleValue() + event.required("dur").doubleValue();
                computed += m == 0 && event.required("name").stringValue().equals("compute") ? event.required("dur").doubleValue() : 0;
                spans++;
            }
        }
        WorkerTime first = clock.times().get(0);
        double idleAtTheEnd = clock.seconds() - ends[0] / 1e6;
        assertThat(ends[0] / 1e6).isCloseTo(first.compute() + first.transfer() + first.waiting() - idleAtTheEnd, within(1e-6));
        assertThat(computed / 1e6).isCloseTo(first.compute(), within(1e-6));
        String picture = Files.readString(temp.resolve("picture.svg"));
        assertThat(picture).startsWith("<svg ").endsWith("</svg>\n").contains(">a&lt;b&amp;c</text>");
        assertThat(picture.split("<rect ", -1)).hasSize(1 + 1 + Activity.values().length + spans); // paper, legend, spans
    }

    private static Worker worker(double speed, Link line, Failure... failures) {
        return new Worker("w", new Speed.Constant(speed), line, List.of(failures));
    }

    @Test
    void aCrashLosesWhatWasComputedSinceTheLastExchangeAndEveryoneWaits() {
        VirtualClock clock = new VirtualClock(new Cluster(1, 1, Exchange.SERVER, List.of(
                worker(1, Link.ideal(), new Failure.Crash(1, 0.5), new Failure.Crash(4.5, 10)), worker(1, Link.ideal()))));
        for (int round = 0; round < 2; round++) {
            steps(clock, 0, 3 * round + 1, 3 * round + 3);
            steps(clock, 1, 3 * round + 1, 3 * round + 3);
            exchange(clock, List.of(1L, 1L), 1);
        }
        // 1 s, 0.5 s down, 3 s; then it is hit at once, 10 s down, 3 s
        assertThat(clock.seconds()).isEqualTo(1 + 0.5 + 3 + 10 + 3);
        assertThat(clock.times().get(0)).isEqualTo(new WorkerTime("w", 6, 0, 0, 1, 10.5, 2, 17.5, 0));
        assertThat(clock.times().get(1)).isEqualTo(new WorkerTime("w", 6, 0, 11.5, 0, 0, 0, 17.5, 0));
    }

    @Test
    void slownessCountsWhileItLasts() {
        VirtualClock clock = new VirtualClock(new Cluster(1, 1, Exchange.SERVER, List.of(
                worker(1, Link.ideal(), new Failure.Slow(1, 4, 0.5), new Failure.Slow(3, 4, 0.5)))));
        steps(clock, 0, 1, 4);
        // 1 s; 2 s at a half and 2 s at a quarter do 1.5 s; 1.5 s are left: 2 s at a half, 0.5 s
        assertThat(clock.seconds()).isEqualTo(1 + 4 + 2 + 0.5);
        assertThat(clock.times().getFirst().compute()).isEqualTo(7.5);
    }

    @Test
    void aCutLineHoldsUpWhatIsUnderway() {
        Link line = new Link(8, 8, 0, 0, 0);
        VirtualClock clock = new VirtualClock(new Cluster(1, 1, Exchange.SERVER, List.of(
                worker(1, line, new Failure.Partition(2, 5)), worker(1, line))));
        steps(clock, 0, 1, 1);
        steps(clock, 1, 1, 1);
        exchange(clock, List.of(3L, 3L), 3);
        // up 1 .. 2, cut, 7 .. 9; down 9 .. 12
        assertThat(clock.times().get(0)).isEqualTo(new WorkerTime("w", 1, 6, 5, 0, 0, 0, 12, 0));
        assertThat(clock.times().get(1)).isEqualTo(new WorkerTime("w", 1, 6, 5, 0, 0, 0, 12, 0));
        VirtualClock ring = new VirtualClock(new Cluster(1, 1, Exchange.RING, List.of(
                worker(1, line, new Failure.Partition(2, 5)), worker(1, line, new Failure.Crash(8, 1)))));
        steps(ring, 0, 1, 1);
        steps(ring, 1, 1, 1);
        exchange(ring, List.of(3L, 3L), 3);
        assertThat(ring.seconds()).as("3 s around, held up by both").isEqualTo(1 + 3 + 5 + 1);
    }

    @Test
    void randomCrashesComeAsOftenAsTheirMeanSaysAndRepeat() {
        List<Failure> failures = List.of(new Failure.RandomCrashes(100, 20));
        Outages outages = new Outages(failures, 3, 0);
        int count = outages.failures(Outages.nanos(120 * 2000));
        assertThat(count).isBetween(1900, 2100);
        Outages again = new Outages(failures, 3, 0);
        long late = Outages.nanos(200_000);
        assertThat(again.down(late)).isEqualTo(outages.down(late)).isNotEqualTo(new Outages(failures, 3, 1).down(late))
                .isNotEqualTo(new Outages(failures, 4, 0).down(late));
        assertThat(again.down(late).to()).isGreaterThan(late);
    }

    @Test
    void outagesThatTouchAreOne() {
        Outages outages = new Outages(List.of(new Failure.Crash(1, 2), new Failure.Crash(3, 1), new Failure.Crash(2, 1.5),
                new Failure.Crash(6, 1)), 1, 0);
        assertThat(outages.down(0)).isEqualTo(new Outages.Interval(1_000_000_000L, 4_000_000_000L));
        assertThat(outages.failures(Outages.nanos(10))).isEqualTo(2);
        assertThatThrownBy(() -> worker(1, Link.ideal(), new Failure.Leave(1), new Failure.Leave(2)))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("worker w: leave 2.0: the worker is not there");
    }

    /// In the middle of a round, with work that a crash will have made vain.
    @Test
    void aSavedClockRemembersWhoIsDown(@TempDir Path temp) throws IOException {
        Cluster cluster = new Cluster(1, 3, Exchange.SERVER, new OnFailure.Drop(1), List.of(
                worker(1, new Link(80, 80, 0.1, 0.5, 0), new Failure.Crash(4.5, 30)), worker(2, Link.ideal()),
                worker(1, Link.ideal(), new Failure.RandomCrashes(5, 3))));
        VirtualClock whole = new VirtualClock(cluster);
        VirtualClock parts = new VirtualClock(cluster);
        for (int round = 1; round <= 12; round++) {
            for (VirtualClock clock : List.of(whole, parts)) {
                boolean[] absent = clock.beginRound(round, 40);
                for (int m = 0; m < 3; m++) {
                    if (!absent[m]) {
                        steps(clock, m, 3 * round - 2, 3 * round);
                    }
                }
            }
            if (round % 2 == 0) {
                parts.writeTimeline(temp.resolve("parts.json"), temp.resolve("parts.svg"));
                VirtualClock next = new VirtualClock(cluster);
                next.resume(parts.state(), temp.resolve("parts.json"));
                parts = next;
            }
            for (VirtualClock clock : List.of(whole, parts)) {
                clock.dropFailed();
                boolean[] absent = clock.absent();
                List<Integer> present = IntStream.range(0, 3).filter(m -> !absent[m]).boxed().toList();
                clock.exchange(present, Collections.nCopies(present.size(), 40L), 40);
            }
            assertThat(parts.state()).isEqualTo(whole.state());
        }
        assertThat(parts.times()).isEqualTo(whole.times()).anyMatch(time -> time.lost() > 0).anyMatch(time -> time.failures() > 1);
        whole.writeTimeline(temp.resolve("whole.json"), temp.resolve("whole.svg"));
        parts.writeTimeline(temp.resolve("parts.json"), temp.resolve("parts.svg"));
        assertThat(temp.resolve("parts.json")).hasSameTextualContentAs(temp.resolve("whole.json"));
        assertThat(Files.readString(temp.resolve("whole.json"))).contains("\"lost\"", "\"down\"");
        for (WorkerTime time : whole.times()) {
            assertThat(time.compute() + time.transfer() + time.waiting() + time.lost() + time.down()).isCloseTo(time.all(), within(1e-6));
        }
    }

    /// The formulas and the clock, on lines and messages of all kinds.
    @Test
    void costFormulasSayWhatTheClockSimulates() {
        List<Link> lines = List.of(new Link(8e6, 3e7, 0.1, 0, 0), new Link(4e6, 1e7, 0.25, 0, 0.1), new Link(9e6, 5e6, 0.02, 0, 0));
        for (Exchange exchange : Exchange.values()) {
            for (List<Long> messages : List.of(List.of(1_000_000L, 1_000_000L, 1_000_000L), List.of(70_000L, 900_000L, 10L))) {
                VirtualClock clock = new VirtualClock(
                        new Cluster(1, 1, exchange, lines.stream().map(line -> worker(1, line)).toList()));
                exchange(clock, messages, 1_000_000);
                assertThat(clock.seconds()).as("%s of %s", exchange, messages)
                        .isCloseTo(exchange.seconds(messages, 1_000_000, lines), within(1e-8));
            }
        }
        VirtualClock clock = new VirtualClock(new Cluster(1, 1, Exchange.SERVER, lines.stream().map(line -> worker(1, line)).toList()));
        clock.gossip(0, 500_000, 1, 900_000);
        // 0 to 1: 4e6 bits at 8e6;  1 to 0: 7.2e6 bits at 3.6e6
        assertThat(clock.seconds()).isCloseTo(0.35 + 2, within(1e-9))
                .isCloseTo(Exchange.gossipSeconds(500_000, lines.get(0), 900_000, lines.get(1)), within(1e-9));
        assertThat(clock.communicatedBytes()).isEqualTo(2 * 1_400_000);
    }

    @Test
    void pairsThatMeetDoNotWaitForOthers() {
        Link line = new Link(8, 8, 0, 0, 0);
        VirtualClock clock = new VirtualClock(new Cluster(1, 1, Exchange.SERVER, List.of(
                worker(1, line), worker(0.5, line), worker(1, line), worker(0.1, line))));
        IntStream.range(0, 4).forEach(m -> steps(clock, m, 1, 1));
        clock.gossip(0, 1, 1, 1);
        clock.gossip(2, 1, 3, 1);
        steps(clock, 0, 2, 2);
        assertThat(clock.times().stream().map(WorkerTime::compute)).containsExactly(2.0, 2.0, 1.0, 10.0);
        assertThat(clock.times().get(0).waiting()).as("for its partner, and at the end for the last of all").isEqualTo(1 + 11 - 4);
        assertThat(clock.endOf(1)).isEqualTo(11);
    }

    /// Two workers of oslo meet over their own lines; between sites everyone that is underway at the same time shares the site's.
    @Test
    void workersOfASiteMeetThereAndShareItsLineToTheOthers() {
        Site oslo = new Site("oslo", new Link(16, 16, 3, 0, 0));
        Site rome = new Site("rome", Link.ideal());
        Link own = new Link(8, 8, 0, 0, 0);
        Cluster cluster = new Cluster(1, 1, Exchange.SERVER, Stream.of(oslo, oslo, rome).map(site -> new Worker(
                "w", new Speed.Constant(1), own, Optional.of(site), OptionalDouble.empty(), List.of())).toList());
        VirtualClock clock = new VirtualClock(cluster);
        clock.exchange(List.of(0, 1), List.of(1L, 1L), 1);
        assertThat(clock.seconds()).as("inside").isEqualTo(2);
        clock.exchange(List.of(0, 2), List.of(1L, 1L), 1);
        assertThat(clock.seconds()).as("one of oslo has its line alone").isEqualTo(2 + 2 * (3 + 1));
        clock.exchange(List.of(0, 1, 2), List.of(4L, 4L, 4L), 4);
        assertThat(clock.seconds()).as("each has 8 bits a second of it").isEqualTo(10 + 2 * (3 + 4));
        VirtualClock other = new VirtualClock(cluster);
        other.broadcast(2, 2, List.of(0, 1));
        assertThat(other.seconds()).as("half of rome's worker's own line each, and the way into oslo").isEqualTo(3 + 4);
        assertThat(other.communicatedBytes()).isEqualTo(8);
        assertThat(other.times().get(2).transfer()).isEqualTo(4);
    }

    @Test
    void whatDepartsIsUnderwayWhileWorkersCompute() throws IOException {
        Link line = new Link(8, 8, 0, 0, 0);
        Cluster cluster = new Cluster(1, 1, Exchange.SERVER, List.of(worker(1, line), worker(1, line)));
        VirtualClock clock = new VirtualClock(cluster);
        step(clock, 1);
        clock.depart(List.of(0, 1), List.of(1L, 1L), 1, 0); // there at 3
        step(clock, 2);
        clock.depart(List.of(0, 1), List.of(2L, 2L), 2, 1); // leaves at 3, when the line is free, there at 7
        step(clock, 3);
        clock.arrive(0);
        assertThat(clock.seconds()).as("nobody has waited").isEqualTo(3);
        VirtualClock resumed = new VirtualClock(cluster);
        resumed.resume(clock.state(), Path.of("none.json"));
        for (VirtualClock each : List.of(clock, resumed)) {
            step(each, 4);
            each.arrive(1);
            assertThat(each.times().getFirst()).isEqualTo(new WorkerTime("w", 4, 0, 3, 0, 0, 0, 7, 2 + 4));
            assertThat(each.communicatedBytes()).isEqualTo(2 * (2 + 4));
        }
    }

    private static void step(VirtualClock clock, int step) {
        steps(clock, 0, step, step);
        steps(clock, 1, step, step);
    }

    @Test
    void whoCrashesWhileItsMessageIsUnderwayIsWaitedForOrDropsOutAfterIt() {
        for (OnFailure onFailure : List.of(new OnFailure.Wait(), new OnFailure.Drop(1))) {
            Link line = new Link(8, 8, 0, 0, 0);
            VirtualClock clock = new VirtualClock(new Cluster(1, 1, Exchange.SERVER, onFailure, List.of(
                    worker(1, line, new Failure.Crash(2, 20)), worker(1, line))));
            clock.beginRound(1, 2);
            step(clock, 1);
            clock.dropFailed();
            exchange(clock, List.of(2L, 2L), 2);
            boolean waits = onFailure instanceof OnFailure.Wait;
            assertThat(clock.seconds()).isEqualTo(1 + 4 + (waits ? 20 : 0));
            assertThat(clock.beginRound(2, 2)).containsExactly(!waits, false);
        }
    }

    /// What is underway has a lane of its own, and goes on where it was when the clock was saved.
    @Test
    void messagesThatOverlapAreDrawnBesideWhatTheWorkerDoes(@TempDir Path temp) throws IOException {
        Link line = new Link(8, 8, 0, 0, 0);
        for (Exchange exchange : Exchange.values()) {
            Cluster cluster = new Cluster(1, 1, exchange, List.of(worker(1, line), worker(1, line, new Failure.Partition(4, 2))));
            VirtualClock whole = new VirtualClock(cluster);
            VirtualClock first = new VirtualClock(cluster);
            for (VirtualClock clock : List.of(whole, first)) {
                step(clock, 1);
                clock.depart(List.of(0, 1), List.of(2L, 2L), 2, 0);
                step(clock, 2);
            }
            VirtualClock.State state = first.state();
            step(first, 3);
            first.depart(List.of(0, 1), List.of(2L, 2L), 2, 1); // lost
            first.writeTimeline(temp.resolve("trace.json"), temp.resolve("picture.svg"));
            VirtualClock second = new VirtualClock(cluster);
            second.resume(state, temp.resolve("trace.json"));
            for (VirtualClock clock : List.of(whole, second)) {
                step(clock, 3);
                clock.arrive(0);
            }
            assertThat(second.state()).isEqualTo(whole.state());
            second.writeTimeline(temp.resolve("trace.json"), temp.resolve("picture.svg"));
            whole.writeTimeline(temp.resolve("whole.json"), temp.resolve("whole.svg"));
            assertThat(temp.resolve("trace.json")).hasSameTextualContentAs(temp.resolve("whole.json"));
            // a server: up 1 to 3, down 3 to 5; a ring: two bytes in two turns, 1 to 3, before the line is cut
            boolean server = exchange == Exchange.SERVER;
            assertThat(lane(temp.resolve("whole.json"), 1, 1)).isEqualTo(server ? "compute 0-3 wait 3-7 " : "compute 0-3 ");
            assertThat(lane(temp.resolve("whole.json"), 2, 1))
                    .isEqualTo(server ? "send 1-3 receive 3-4 cut 4-6 receive 6-7 " : "send 1-3 ");
            assertThat(whole.times().get(1).underway()).isEqualTo(server ? 4 : 2);
            String picture = Files.readString(temp.resolve("whole.svg"));
            assertThat(picture).contains("y=\"74\"", "height=\"6\""); // under the second worker's row, which begins at 62
        }
    }

    private static String lane(Path trace, int process, int thread) throws IOException {
        StringBuilder lane = new StringBuilder();
        for (JsonNode event : JsonFile.read(trace).required("traceEvents")) {
            if (event.required("ph").stringValue().equals("X") && event.required("pid").intValue() == process
                    && event.required("tid").intValue() == thread) {
                long from = Math.round(event.required("ts").doubleValue() / 1e6);
                lane.append(event.required("name").stringValue()).append(' ').append(from).append('-')
                        .append(from + Math.round(event.required("dur").doubleValue() / 1e6)).append(' ');
            }
        }
        return lane.toString();
    }

    @Test
    void aTimelineKeepsItsFirstSpansAndTellsHowManyItLeftOut(@TempDir Path temp) throws IOException {
        Timeline timeline = new Timeline(List.of("w"));
        for (int i = 0; i < Timeline.MOST + 7; i++) {
            timeline.add(new Span(0, i % 2 == 0 ? Activity.COMPUTE : Activity.WAIT, i, i + 1));
        }
        timeline.writeTrace(temp.resolve("trace.json"));
        timeline.writePicture(temp.resolve("picture.svg"));
        JsonNode trace = JsonFile.read(temp.resolve("trace.json"));
        assertThat(trace.required("otherData").required("spans_left_out").longValue()).isEqualTo(7);
        assertThat(trace.required("traceEvents").size()).isEqualTo(2 + Timeline.MOST); // the names of the process and the worker
        assertThat(Files.readString(temp.resolve("picture.svg")).split("<rect ", -1))
                .hasSize(1 + 1 + Activity.values().length + Timeline.DRAWN);
    }

    /// The fragment of worker 0 needs 2 s up, from 1 s on, and 2 s back.
    @Test
    void whoCrashesWhileAFragmentIsUnderwayIsWaitedForOrDropsOutAfterIt() {
        Link line = new Link(8, 8, 0, 0, 0);
        for (OnFailure onFailure : List.of(new OnFailure.Wait(), new OnFailure.Drop(1))) {
            VirtualClock clock = new VirtualClock(new Cluster(1, 1, Exchange.SERVER, onFailure, List.of(
                    worker(1, line, new Failure.Crash(2.5, 20)), worker(1, line))));
            clock.beginRound(1, 2);
            step(clock, 1);
            clock.dropFailed();
            clock.depart(List.of(0, 1), List.of(2L, 2L), 2, 0);
            clock.beginRound(2, 2);
            for (int step = 2; step <= 5; step++) {
                step(clock, step);
            }
            clock.dropFailed();
            clock.arrive(0);
            boolean waits = onFailure instanceof OnFailure.Wait;
            WorkerTime crashed = clock.times().get(0);
            assertThat(crashed.lost()).as("computed from 1 s to 2.5 s").isEqualTo(1.5);
            assertThat(clock.absent()).containsExactly(!waits, false);
            // waiting: down from 2.5 s to 22.5 s, up until 23 s and back at 25 s, computing until 26.5 s. Else: computing until 5 s, which is
            // also when the fragment is back
            assertThat(clock.seconds()).isEqualTo(waits ? 26.5 : 5);
            assertThat(clock.times().get(1).waiting()).isEqualTo(waits ? 21.5 : 0);
            assertThat(crashed.underway()).isEqualTo(4);
        }
    }
}
