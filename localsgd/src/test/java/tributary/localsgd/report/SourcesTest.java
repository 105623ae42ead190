package tributary.localsgd.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tributary.localsgd.figure.Curves;
import tributary.localsgd.figure.Figure;
import tributary.localsgd.figure.HeatMap;
import tributary.localsgd.figure.Series;
import tributary.localsgd.laws.Interval;

/// Reports of studies, laws and plans.
class SourcesTest {
    private static final double[] SIZES = {1e4, 3e4, 1e5, 3e5};

    @TempDir
    Path folder;

    /// Data parallel L = 9 N^-0.1; DiLoCo above it by M H / 100 per cent at its best outer rate, and by more beside it. Two
    /// seeds, a wobble of 0.1 % apart, that cancels.
    private Path study() throws IOException {
        StringBuilder lines = new StringBuilder();
        for (double N : SIZES) {
            double reference = 9 * Math.pow(N, -0.1);
            for (int seed = 1; seed <= 2; seed++) {
                double wobble = seed == 1 ? 1.0005 : 0.9995;
                line(lines, N, "data-parallel", 1, 1, "null", seed, reference * wobble);
                for (int M : new int[] {2, 4}) {
                    line(lines, N, "diloco", M, 30, "0.7", seed, reference * (1 + M * 30 / 1e4) * wobble);
                }
            }
        }
        double N = SIZES[1];
        for (int M : new int[] {2, 4}) {
            line(lines, N, "diloco", M, 10, "0.7", 1, 9 * Math.pow(N, -0.1) * (1 + M * 10 / 1e4));
            line(lines, N, "diloco", M, 100, "0.7", 1, 9 * Math.pow(N, -0.1) * (1 + M * 100 / 1e4));
        }
        for (double rate : new double[] {0.3, 1}) {
            line(lines, N, "diloco", 2, 30, Double.toString(rate), 1, 9 * Math.pow(N, -0.1) * (1 + 2 * 30 / 1e4 + 0.01));
        }
        lines.append("{\"parameters\":10000,\"tokens\":200000,\"algorithm\":\"diloco\",\"replicas\":8,\"local_steps\":30,\"loss\":null}\n");
        Path study = Files.createDirectories(folder.resolve("small"));
        Files.writeString(study.resolve("results.jsonl"), lines + "{\"parameters\":1");
        return study;
    }

    private static void line(StringBuilder lines, double N, String algorithm, int M, int H, String rate, int seed, double loss) {
        line(lines, N, 20 * N, algorithm, M, H, rate, seed, loss);
    }

    private static void line(
            StringBuilder lines, double N, double tokens, String algorithm, int M, int H, String rate, int seed, double loss) {
        lines.append(String.format(Locale.ROOT,
                "{\"parameters\":%.0f,\"tokens\":%.0f,\"algorithm\":\"%s\",\"replicas\":%d,\"local_steps\":%d,\"loss\":%s,"
                        + "\"outer_learning_rate\":%s,\"seed\":%d,\"communicated_bytes\":%d,\"seconds\":1.5,\"batch_tokens\":2048,"
                        + "\"curve\":[[1000,6.5],[%2$.0f,3.5]]}%n",
                N, tokens, algorithm, M, H, loss, rate, seed, algorithm.equals("diloco") ? 1000 * M : 0));
    }

    @Test
    void aStudy() throws IOException {
        List<Figure> figures = Report.of(List.of(study())).figures();
        assertThat(figures).extracting(figure -> figure.caption().id()).containsExactly("study-1-loss", "study-1-gap", "study-1-bytes",
                "study-1-penalty-diloco-300000", "study-1-penalty-diloco-100000", "study-1-penalty-diloco-30000",
                "study-1-penalty-diloco-10000", "study-1-local-steps-diloco", "study-1-effective-size-diloco",
                "study-1-best-local-steps-diloco-2",
                "study-1-best-local-steps-diloco-4", "study-1-outer-rate-diloco", "study-1-curves-tokens", "study-1-curves-compute",
                "study-1-curves-communicated", "study-1-curves-sizes");
        Curves losses = (Curves) figures.getFirst();
        assertThat(losses.series()).filteredOn(series -> series.mark() == Series.Mark.POINTS).extracting(Series::name)
                .containsExactly("data-parallel", "diloco M=2 H=30", "diloco M=4 H=30");
        Series law = losses.series().stream().filter(series -> series.mark() == Series.Mark.LINE).findFirst().orElseThrow();
        assertThat(law.points().getFirst()[1]).isCloseTo(9 * Math.pow(1e4, -0.1), offset(1e-4));
        assertThat(law.points().getLast()[0]).isCloseTo(4 * 3e5, offset(1.0));

        Curves gaps = (Curves) figures.get(1);
        assertThat(of(gaps, "diloco M=2 H=30", Series.Mark.POINTS)).hasSize(4)
                .allSatisfy(point -> assertThat(point[1]).isCloseTo(0.6, offset(1e-9)));
        assertThat(of(gaps, "diloco M=2 H=30", Series.Mark.LINE)).allSatisfy(point -> assertThat(point[1]).isCloseTo(0.6, offset(1e-6)));
        assertThat(of(gaps, "diloco M=2 H=30", Series.Mark.WHISKERS)).hasSize(4)
                .allSatisfy(ends -> assertThat(ends[1]).isLessThan(0.6)).allSatisfy(ends -> assertThat(ends[2]).isGreaterThan(0.6));
        HeatMap penalty = (HeatMap) figures.get(5);
        assertThat(penalty.columns()).containsExactly("2", "4");
        assertThat(penalty.rows()).containsExactly("10", "30", "100");
        assertThat(penalty.cells().get(2).get(1).orElseThrow().value()).isCloseTo(4, offset(0.1)); // one seed beside the mean of two
        assertThat(penalty.cells().get(2).get(1).orElseThrow().bounds()).isEmpty();
        Curves rates = (Curves) figures.get(11);
        assertThat(rates.series()).hasSize(1);
        assertThat(rates.series().getFirst().points()).extracting(point -> point[0]).containsExactly(0.3, 0.7, 1.0);
    }

    /// A gap of 100 per cent over the rounds, at 5, 20 and 80 tokens a parameter.
    @Test
    void gapsAgainstRounds() throws IOException {
        StringBuilder lines = new StringBuilder();
        for (double N : SIZES) {
            for (double budget : new double[] {5, 20, 80}) {
                double reference = 9 * Math.pow(N, -0.1) * Math.pow(budget, -0.05);
                double rounds = budget * N / 2048 / 30;
                line(lines, N, budget * N, "data-parallel", 1, 1, "null", 1, reference);
                line(lines, N, budget * N, "diloco", 2, 30, "0.6", 1, reference * (1 + 1 / rounds));
            }
            line(lines, N, 20 * N, "diloco", 2, 10, "0.6", 1, 9 * Math.pow(N, -0.1));
        }
        Files.writeString(folder.resolve("budgets.jsonl"), lines);
        Curves figure = (Curves) Report.of(List.of(folder.resolve("budgets.jsonl"))).figures().stream()
                .filter(each -> each.caption().id().equals("study-1-gap-rounds")).findFirst().orElseThrow();
        assertThat(figure.series()).extracting(Series::name).containsExactly("diloco M=2 H=30");
        assertThat(figure.series().getFirst().points()).hasSize(3 * SIZES.length)
                .isSortedAccordingTo(Comparator.comparing(point -> point[0]))
                .allSatisfy(point -> assertThat(point[1]).isCloseTo(100 / point[0], offset(1e-9)))
                .anySatisfy(point -> assertThat(point[0]).isCloseTo(80 * SIZES[0] / 2048 / 30, offset(1e-9)));
    }

    /// L = 9.1 N^-0.1 M^0.02 H^0.01 beside 9 N^-0.1: N e parameters with e = (9.1 / 9 M^0.02 H^0.01)^-10.
    @Test
    void effectiveParameters() throws IOException {
        StringBuilder lines = new StringBuilder();
        for (double N : SIZES) {
            line(lines, N, "data-parallel", 1, 1, "null", 1, 9 * Math.pow(N, -0.1));
            for (int M : new int[] {2, 4}) {
                for (int H : new int[] {30, 100}) {
                    line(lines, N, "diloco", M, H, "0.6", 1, 9.1 * Math.pow(N, -0.1) * Math.pow(M, 0.02) * Math.pow(H, 0.01));
                }
            }
        }
        Path file = Files.writeString(folder.resolve("planted.jsonl"), lines);
        HeatMap map = (HeatMap) Report.of(List.of(file)).figures().stream()
                .filter(figure -> figure.caption().id().equals("study-1-effective-size-diloco")).findFirst().orElseThrow();
        for (int H : new int[] {30, 100}) {
            for (int M : new int[] {2, 4}) {
                HeatMap.Cell cell = map.cells().get(map.rows().indexOf("" + H)).get(map.columns().indexOf("" + M)).orElseThrow();
                assertThat(cell.value())
                        .isCloseTo(100 * Math.pow(9.1 / 9 * Math.pow(M, 0.02) * Math.pow(H, 0.01), -10), offset(1e-6));
                assertThat(cell.bounds()).isPresent();
            }
        }
    }

    @Test
    void narrowLinesAskForMoreLocalSteps() throws IOException {
        HeatMap map = (HeatMap) figure("study-1-best-local-steps-diloco-4");
        assertThat(map.columns()).containsExactly("30.0 k");
        List<Double> best = map.cells().stream().map(row -> row.getFirst().orElseThrow().value()).toList();
        assertThat(map.rows().getFirst()).isEqualTo("10 Mbit/s");
        assertThat(best.getFirst()).isEqualTo(100);
        assertThat(best.getLast()).isEqualTo(10);
        assertThat(best).isSortedAccordingTo(Comparator.reverseOrder());
    }

    /// No power of H has its lowest loss in the middle.
    @Test
    void saysWhereAPowerOfHIsNoLaw() throws IOException {
        StringBuilder lines = new StringBuilder();
        for (double N : SIZES) {
            line(lines, N, "data-parallel", 1, 1, "null", 1, 9 * Math.pow(N, -0.1));
            for (int M : new int[] {2, 4}) {
                line(lines, N, "diloco", M, 1, "0.6", 1, 9.4 * Math.pow(N, -0.1));
                line(lines, N, "diloco", M, 30, "0.6", 1, (9 + M / 100.0) * Math.pow(N, -0.1));
                line(lines, N, "diloco", M, 300, "0.6", 1, 9.3 * Math.pow(N, -0.1));
            }
        }
        Path file = Files.writeString(folder.resolve("bent.jsonl"), lines);
        assertThat(new PenaltyBlocks(1, Cells.of(Training.read(file))).blocks()).filteredOn(Block.Prose.class::isInstance)
                .extracting(block -> ((Block.Prose) block).text()).singleElement().asString()
                .startsWith("A power of H follows these losses badly: with M = 2 at 10.0 k parameters the lowest is at H = 30");
    }

    @Test
    void theLargestSizeIsPredictedFromTheOthers() throws IOException {
        Block.Grid held = new StudySections("small", 1, Training.read(study().resolve("results.jsonl"))).sections().stream()
                .flatMap(section -> section.blocks().stream()).filter(Block.Grid.class::isInstance).map(Block.Grid.class::cast)
                .filter(grid -> grid.title().startsWith("Loss at the largest size")).findFirst().orElseThrow();
        String loss = String.format(Locale.ROOT, "%.4f", 9 * Math.pow(3e5, -0.1));
        assertThat(held.rows().getFirst().subList(0, 4)).containsExactly("data-parallel", "300 k", "3", loss);
        assertThat(held.rows().getFirst().get(5)).isEqualTo(loss);
    }

    /// Welch's interval of two and two seeds that differ as much has two degrees of freedom: t = 4.302653.
    @Test
    void theIntervalOfAGap() {
        Training.Arm arm = new Training.Arm("diloco", 2, 30, "fp32");
        Cell cell = new Cell(arm, 1e4, OptionalDouble.empty(), Map.of(1L, 1.1, 2L, 1.12), 0);
        Cell reference = new Cell(Training.Arm.REFERENCE, 1e4, OptionalDouble.empty(), Map.of(1L, 1.0, 2L, 1.02), 0);
        Interval interval = cell.gapInterval(reference).orElseThrow();
        assertThat(cell.gap(reference)).isCloseTo(100 * Math.expm1(0.1), offset(1e-9));
        assertThat(interval.low()).isCloseTo(100 * Math.expm1(0.1 - 4.302653 * Math.sqrt(2e-4)), offset(1e-5));
        assertThat(interval.high()).isCloseTo(100 * Math.expm1(0.1 + 4.302653 * Math.sqrt(2e-4)), offset(1e-5));
        Cell one = new Cell(arm, 1e4, OptionalDouble.empty(), Map.of(1L, 1.1), 0);
        assertThat(one.gapInterval(reference)).isEmpty();
        assertThat(one.gap(reference)).as("of the seed that both have").isCloseTo(100 * Math.expm1(0.1), offset(1e-9));
    }

    /// A point of a line that has more seeds than the others would stand out by them.
    @Test
    void whatIsComparedHasTheSameSeeds() {
        Training.Arm arm = new Training.Arm("diloco", 2, 30, "fp32");
        Cell three = new Cell(arm, 1e4, OptionalDouble.of(0.6), Map.of(1L, 1.0, 2L, 1.5, 3L, 1.7), 0);
        Cell two = new Cell(arm, 1e4, OptionalDouble.of(0.4), Map.of(3L, 1.3, 1L, 1.1), 0);
        Cell other = new Cell(arm, 1e4, OptionalDouble.of(0.2), Map.of(4L, 1.2), 0);
        assertThat(Cell.alike(List.of(three, two))).extracting(Cell::logLosses)
                .containsExactly(Map.of(1L, 1.0, 3L, 1.7), Map.of(1L, 1.1, 3L, 1.3));
        assertThat(Cell.alike(List.of(three, other))).containsExactly(three, other);
    }

    /// The best of a sweep that only some sizes had would make them look better than the others.
    @Test
    void sizesAreComparedAtRatesThatAllOfThemHave() throws IOException {
        StringBuilder lines = new StringBuilder();
        for (double N : SIZES) {
            line(lines, N, "data-parallel", 1, 1, "null", 1, 3);
            line(lines, N, "diloco", 2, 30, "0.6", 1, 4);
        }
        line(lines, SIZES[2], "diloco", 2, 30, "0.9", 1, 3.5);
        Path file = Files.writeString(folder.resolve("swept.jsonl"), lines);
        assertThat(Cells.of(Training.read(file)).cells()).filteredOn(cell -> cell.outerRate().isPresent())
                .allSatisfy(cell -> assertThat(cell.loss()).isCloseTo(4, offset(1e-9)));
    }

    @Test
    void whatTheTrainingsCannotSay() throws IOException {
        StringBuilder lines = new StringBuilder();
        for (double N : SIZES) {
            line(lines, N, "data-parallel", 1, 1, "null", 1, 9 * Math.pow(N, -0.1));
            line(lines, N, "diloco", 2, 30, "0.6", 1, 9.1 * Math.pow(N, -0.1));
        }
        Path file = Files.writeString(folder.resolve("one.jsonl"), lines);
        assertThat(new PenaltyBlocks(1, Cells.of(Training.read(file))).blocks())
                .contains(new Block.Prose("The trainings of diloco have one M: there is no law of the penalty to ask them for."));
    }

    private Figure figure(String id) throws IOException {
        return Report.of(List.of(study())).figures().stream().filter(figure -> figure.caption().id().equals(id)).findFirst().orElseThrow();
    }

    private static List<double[]> of(Curves curves, String name, Series.Mark mark) {
        return curves.series().stream().filter(series -> series.name().equals(name) && series.mark() == mark).findFirst().orElseThrow()
                .points();
    }

    @Test
    void aTableWithoutWhatItTakes() throws IOException {
        Path table = Files.writeString(folder.resolve("points.csv"), "parameters,tokens,algorithm,replicas,loss\n1e4,2e5,diloco,2,3.5\n");
        assertRefused(table, "points.csv: training 1: there is no local_steps");
        Files.writeString(table, "parameters,tokens,algorithm,replicas,local_steps,loss\n1e4,2e5,diloco,2,30,-3.5\n");
        assertRefused(table, "points.csv: training 1: loss -3.5 is not a positive number");
        Files.writeString(table, "parameters,tokens,algorithm,replicas,local_steps,loss\n");
        assertRefused(table, "points.csv: holds no training yet");
        assertRefused(Files.writeString(folder.resolve("points.jsonl"), "{\n"), "points.jsonl:1: is not JSON: ");
    }

    @Test
    void aLaw() throws IOException {
        Path law = Files.writeString(folder.resolve("joint.json"), """
                {"law": "joint", "formula": "L = A N^alpha M^beta", "source": "a paper", "coefficients": {"A": 20.5, "alpha": -0.1},
                 "intervals": {"alpha": [-0.11, -0.09]}, "residual": 0.001, "points": 2, "supported": true,
                 "residuals": [{"parameters": 1e6, "replicas": 1, "loss": 3.5, "log_error": 0.01},
                               {"parameters": 1e7, "replicas": 2, "loss": 2.5, "log_error": -0.01}],
                 "curves": [{"at": {"replicas": 1.0}, "places": [[1e6, 3.4, 3.3, 3.5], [4e7, 2.4, 2.2, 2.6]]},
                            {"at": {"replicas": 2.0}, "places": [[1e6, 3.5], [4e7, 2.6]]}]}
                """);
        List<Figure> figures = Report.of(List.of(law)).figures();
        assertThat(figures).extracting(figure -> figure.caption().id()).containsExactly("law-1-points", "law-1-residuals");
        assertThat(((Curves) figures.getFirst()).series()).extracting(series -> series.name() + " " + series.mark() + " " + series.hue())
                .containsExactly("replicas 1 BAND 0", "replicas 1 LINE 0", "replicas 2 LINE 1", "replicas 1 POINTS 0",
                        "replicas 2 POINTS 1");
        assertThat(((Curves) figures.get(1)).series().getFirst().points().getFirst()[1]).isCloseTo(1.005, offset(1e-3));

        Path refused = Files.writeString(folder.resolve("refused.json"),
                "{\"law\": \"power\", \"points\": 3, \"supported\": false, \"objection\": \"they are equal\"}");
        assertThat(Report.of(List.of(refused)).figures()).isEmpty();
    }

    @Test
    void aPlan() throws IOException {
        Path plan = Files.writeString(folder.resolve("plan.json"), """
                {"plan": "clusters", "findings": ["Two beat one."], "assumptions": ["no failures"], "sheets": [
                 {"name": "ways", "title": "Ways", "columns": [{"name": "way", "title": "way", "unit": ""},
                   {"name": "hours", "title": "time", "unit": "h"}], "rows": [{"way": "alone", "hours": 12.5}, {"way": "x", "hours": null}]},
                 {"name": "compute_utilization", "title": "Busy", "columns": [{"name": "bandwidth", "title": "bandwidth", "unit": "bit/s"},
                   {"name": "dp", "title": "data-parallel", "unit": "share"}], "rows": [{"bandwidth": 1e9, "dp": 0.5}],
                  "chart": {"x": "bandwidth", "y": ["dp"], "log": true}}]}
                """);
        List<Figure> figures = Report.of(List.of(plan)).figures();
        assertThat(figures).extracting(figure -> figure.caption().id()).containsExactly("plan-1-compute-utilization");
        assertThat(((Curves) figures.getFirst()).series().getFirst().name()).isEqualTo("data-parallel");
    }

    @Test
    void aPlansFileDrawsOnTheStudyBeforeIt() throws IOException {
        Path question = Path.of("../docs/plan.yaml");
        assertThat(Report.of(List.of(question)).figures()).extracting(figure -> figure.caption().id())
                .containsExactly("plan-1-times", "plan-1-utilization", "plan-1-speedup");
        Report report = Report.of(List.of(study(), question, Path.of("../docs/edge.yaml")));
        assertThat(report.figures()).extracting(figure -> figure.caption().id()).contains("plan-2-times", "plan-3-scale");
        report.write(folder.resolve("report.html"));
        assertThat(Files.readString(folder.resolve("report.html"))).contains("drawn from the laws of the study small, how the loss falls");
    }

    @Test
    void refusesWhatItDoesNotKnow() throws IOException {
        assertRefused(Files.writeString(folder.resolve("other.json"), "{}"), "other.json is nothing to report on");
        assertRefused(Files.writeString(folder.resolve("torn.json"), "{\"law\": "), "torn.json: not valid JSON");
        assertRefused(Files.writeString(folder.resolve("law.json"), "{\"law\": \"power\"}"), "law.json: is not what fit --json prints");
        assertRefused(Files.writeString(folder.resolve("plan.json"), "{\"plan\": \"clusters\"}"), "plan.json: is not what plan --json");
    }

    private static void assertRefused(Path path, String message) {
        assertThatThrownBy(() -> Report.of(List.of(path))).hasMessageContaining(message);
    }
}
