package tributary.localsgd.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tributary.localsgd.figure.Curves;
import tributary.localsgd.figure.Figure;
import tributary.localsgd.figure.Series;
import tributary.localsgd.figure.Shares;
import tributary.localsgd.figure.Spans;

class ReportTest {
    @TempDir
    Path folder;

    @Test
    void oneRun() throws IOException {
        Path run = RunFixture.write(folder.resolve("diloco"), "diloco", 3, 100);
        List<Figure> figures = Report.of(List.of(run)).figures();
        assertThat(figures).extracting(figure -> figure.caption().id()).containsExactly("loss-tokens", "loss-bytes",
                "loss-virtual-time", "loss-time", "throughput", "learning-rate", "worker-shares-1", "timeline-1");
        Curves loss = (Curves) figures.getFirst();
        assertThat(loss.series()).extracting(series -> series.name()).containsExactly("validation", "training");
        assertThat(loss.series().getFirst().points()).hasSize(4);
        assertThat(loss.series().getFirst().points().getLast()).containsExactly(768 * 80, 3 + 2.0 / 80);
        Shares shares = (Shares) figures.get(6);
        assertThat(shares.parts()).containsExactly("compute", "send", "receive", "wait");
        assertThat(shares.values()).isDeepEqualTo(new double[][] {{2, 0, 0, 1}, {3, 0, 0, 0}});
    }

    @Test
    void faults() throws IOException {
        Path run = RunFixture.write(folder.resolve("diloco"), "diloco", 3, 100);
        Files.writeString(run.resolve("metrics.jsonl"), """
                {"step":90,"tokens":69120,"train_loss":3.0,"lr":0.001,"tokens_per_second":900.5,"communicated_bytes":9000,"virtual_seconds":45,\
                "dropped":[{"replica":1,"kind":"not-finite","reason":"its loss is NaN"},{"replica":0,"kind":"hung","reason":"too long"}],\
                "elapsed_seconds":9}
                """, StandardOpenOption.APPEND);
        Files.writeString(run.resolve("rollbacks.jsonl"), "{\"step\":60,\"reason\":\"too few are left\"}\n");
        Path timeline = run.resolve("timeline.json");
        Files.writeString(timeline, Files.readString(timeline).replace("\"traceEvents\":[", """
                "traceEvents":[
                {"name":"lost","ph":"X","pid":1,"tid":1,"ts":3e6,"dur":5e5},
                {"name":"down","ph":"X","pid":1,"tid":1,"ts":3.5e6,"dur":2e6},"""));
        List<Section> sections = new RunSections(List.of(RunRecord.read(run, "diloco"))).sections();
        Curves drops = (Curves) figure(sections, "faults-1");
        assertThat(drops.series()).extracting(Series::name).containsExactly("hung", "not-finite", "rolled back to");
        assertThat(drops.series().get(1).points()).containsExactly(new double[] {90, 1});
        assertThat(drops.series().getLast().points().getFirst()[0]).isEqualTo(60);
        assertThat(((Shares) figure(sections, "worker-shares-1")).parts()).contains("lost", "down");
        assertThat(sections.stream().flatMap(section -> section.blocks().stream())).contains(
                new Block.Grid("Failures on the virtual cluster", List.of("worker", "times down", "work lost", "down"),
                        List.of(List.of("attic", "1", "0.5 s", "2.0 s")), true));
    }

    @Test
    void whatIsUnderwayOnALineHasALaneOfItsOwn() throws IOException {
        Path run = RunFixture.write(folder.resolve("decoupled"), "decoupled-diloco", 3, 100);
        Path timeline = run.resolve("timeline.json");
        Files.writeString(timeline, Files.readString(timeline).replace("\"traceEvents\":[", """
                "traceEvents":[
                {"name":"process_name","ph":"M","pid":2,"args":{"name":"underway meanwhile"}},
                {"name":"thread_name","ph":"M","pid":2,"tid":1,"args":{"name":"attic"}},
                {"name":"send","ph":"X","pid":2,"tid":1,"ts":1e6,"dur":15e5},"""));
        List<Section> sections = new RunSections(List.of(RunRecord.read(run, "decoupled"))).sections();
        Spans spans = (Spans) figure(sections, "timeline-1");
        assertThat(spans.rows()).containsExactly("oslo", "oslo, underway", "attic", "attic, underway");
        int send = spans.parts().indexOf("send");
        assertThat(spans.spans()).contains(new Spans.Span(3, send, 1, 2.5), new Spans.Span(2, spans.parts().indexOf("compute"), 0, 3));
        assertThat(((Shares) figure(sections, "worker-shares-1")).json()).as("what is sent beside computing takes no time of a worker")
                .isEqualTo(((Shares) figure(new RunSections(List.of(RunRecord.read(
                        RunFixture.write(folder.resolve("diloco"), "diloco", 3, 100), "diloco"))).sections(), "worker-shares-1")).json());
    }

    private static Figure figure(List<Section> sections, String id) {
        return sections.stream().flatMap(Section::figures).filter(figure -> figure.caption().id().equals(id)).findFirst().orElseThrow();
    }

    @Test
    void aFolderOfRunsComparesThem() throws IOException {
        RunFixture.write(folder.resolve("b"), "diloco", 3, 100);
        RunFixture.write(folder.resolve("a"), "data-parallel", 2.9, 30_000);
        Files.createDirectories(folder.resolve("c"));
        List<Figure> figures = Report.of(List.of(folder, folder.resolve("a"))).figures();
        Curves bytes = (Curves) figures.get(1);
        assertThat(bytes.series()).extracting(series -> series.name()).containsExactly("a", "b");
        assertThat(bytes.json()).contains("\"name\":\"communicated\",\"unit\":\"bytes\",\"log\":true");
        assertThat(figures.getFirst().json()).contains("\"name\":\"tokens\",\"unit\":\"\",\"log\":false");
    }

    @Test
    void runsOfOneNameAreToldApartByTheirPlace() throws IOException {
        Path first = RunFixture.write(folder.resolve("a/run"), "diloco", 3, 100);
        Path second = RunFixture.write(folder.resolve("b/run"), "diloco", 3, 100);
        Curves loss = (Curves) Report.of(List.of(first, second)).figures().getFirst();
        assertThat(loss.series()).extracting(series -> series.name()).containsExactly(first.toString(), second.toString());
    }

    @Test
    void aLineThatIsStillBeingWrittenDoesNotCount() throws IOException {
        Path run = RunFixture.write(folder.resolve("run"), "diloco", 3, 100);
        Files.writeString(run.resolve("metrics.jsonl"), "{\"step\":90,\"tok", StandardOpenOption.APPEND);
        assertThat(Measurement.read(run.resolve("metrics.jsonl"))).hasSize(8);
    }

    @Test
    void refusesWhatIsNoRun() throws IOException {
        Path run = RunFixture.write(folder.resolve("run"), "diloco", 3, 100);
        assertRefused(folder.resolve("none"), "there is no ");
        assertRefused(run.resolve("config.yaml"), "config.yaml is nothing to report on");
        assertRefused(Files.createDirectory(folder.resolve("empty")), "empty holds no run and no study");
        Files.writeString(run.resolve("metrics.jsonl"), "{}\n", StandardOpenOption.APPEND);
        assertRefused(run, "metrics.jsonl:9: is no line of a run's metrics: ");
        Files.delete(run.resolve("metrics.jsonl"));
        assertRefused(run, "has measured nothing yet");
    }

    private static void assertRefused(Path path, String message) {
        assertThatThrownBy(() -> Report.of(List.of(path))).isInstanceOf(IllegalArgumentException.class).hasMessageContaining(message);
    }
}
