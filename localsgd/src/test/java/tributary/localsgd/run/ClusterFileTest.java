package tributary.localsgd.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tributary.localsgd.cluster.Cluster;
import tributary.localsgd.cluster.Exchange;
import tributary.localsgd.cluster.Failure;
import tributary.localsgd.cluster.Link;
import tributary.localsgd.cluster.OnFailure;
import tributary.localsgd.cluster.Site;
import tributary.localsgd.cluster.Speed;
import tributary.localsgd.cluster.Worker;

class ClusterFileTest {
    @TempDir
    Path temp;

    private Cluster read(String text) throws IOException {
        Path file = temp.resolve("cluster.yaml");
        Files.writeString(file, text);
        return ClusterFile.read(file);
    }

    @Test
    void readsSitesWorkersSpeedsAndLinks() throws IOException {
        Cluster cluster = read("""
                step-seconds: 0.5
                exchange: ring
                seed: 9
                sites:
                  - name: oslo
                    link: {up: 1e9, down: 2e9, latency: 0.02, jitter: 0.005, loss: 0.5}
                    workers:
                      - {count: 2, speed: 3, memory: 16e9}
                      - speed: {mean: 1, deviation: 0.2}
                        link: {up: 1e8, latency: 0.01, loss: 0.5}
                  - name: rome
                    workers:
                      - speed: {trace: [1, 0.5]}
                """);
        Site oslo = new Site("oslo", new Link(1e9, 2e9, 0.02, 0.005, 0.5));
        Site rome = new Site("rome", Link.ideal());
        Worker fast = new Worker("oslo/0", new Speed.Constant(3), Link.ideal(), Optional.of(oslo), OptionalDouble.of(16e9), List.of());
        assertThat(cluster).isEqualTo(new Cluster(0.5, 9, Exchange.RING, List.of(
                fast,
                new Worker("oslo/1", fast.speed(), fast.link(), fast.site(), fast.memory(), List.of()),
                new Worker("oslo/2", new Speed.Distribution(1, 0.2), new Link(1e8, Double.POSITIVE_INFINITY, 0.01, 0, 0.5), fast.site(),
                        OptionalDouble.empty(), List.of()),
                new Worker("rome/0", new Speed.Trace(List.of(1.0, 0.5)), Link.ideal(), Optional.of(rome), OptionalDouble.empty(),
                        List.of()))));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            step-second: 1                                                               | unknown key step-second; the nearest known one is step-seconds
            step-seconds: 1                                                              | sites must be a list of at least one entry
            sites: [{workers: [{}]}]                                                     | step-seconds is missing
            {step-seconds: fast, sites: [{workers: [{}]}]}                               | step-seconds 'fast' is not a number
            {step-seconds: 0, sites: [{workers: [{}]}]}                                  | step-seconds 0.0 is not in (0, 1e6]
            {step-seconds: 1, exchange: tree, sites: [{workers: [{}]}]}                  | exchange 'tree' is not known; use server or ring
            {step-seconds: 1, sites: [{workers: []}]}                                    | sites[0]: workers must be a list
            {step-seconds: 1, sites: [{workers: [{}]}, {workers: [{sped: 1}]}]}          | sites[1]: workers[0]: unknown key sped; the nearest known one is speed
            {step-seconds: 1, sites: [{workers: [{count: 0}]}]}                          | workers[0]: count 0.0 is not a whole number
            {step-seconds: 1, sites: [{workers: [{speed: -1}]}]}                         | workers[0]: speed -1.0 cannot be
            {step-seconds: 1, sites: [{workers: [{speed: {trace: []}}]}]}                | speed: trace is empty
            {step-seconds: 1, sites: [{workers: [{speed: {mean: 1, trace: [1]}}]}]}      | a trace stands alone
            {step-seconds: 1, sites: [{link: {latncy: 1}, workers: [{}]}]}               | sites[0]: link: unknown key latncy; the nearest known one is latency
            {step-seconds: 1, sites: [{link: {loss: 1}, workers: [{}]}]}                 | sites[0]: link: loss 1.0 cannot be
            {step-seconds: 1, sites: [{link: 5, workers: [{}]}]}                         | sites[0]: link: is not a table
            {step-seconds: 1, step-seconds: 2, sites: [{workers: [{}]}]}                 | is not YAML
            {step-seconds: 1, sites: [{workers: [{memory: 0}]}]}                         | workers[0]: memory 0.0 is not positive
            {step-seconds: 1, sites: [{workers: [{}]}], on-failure: panic}               | on-failure 'panic' is not known; use wait or drop
            {step-seconds: 1, sites: [{workers: [{}]}], quorum: 1}                       | quorum has no use with on-failure wait
            {step-seconds: 1, sites: [{workers: [{}]}], on-failure: drop, quorum: 2}     | quorum 2 is more than the 1 of 1 workers
            {step-seconds: 1, sites: [{name: a, workers: [{}]}, {name: a, workers: [{}]}]}                            | there are two workers a/0
            {step-seconds: 1, sites: [{name: a, workers: [{}]}], failures: [{worker: b/0, crash: 1, repair: 1}]}      | failures[0]: there is no worker b/0; the nearest name is a/0
            {step-seconds: 1, sites: [{name: a, workers: [{}]}], failures: [{site: b, crash: 1, repair: 1}]}          | failures[0]: there is no site b; the nearest name is a
            {step-seconds: 1, sites: [{workers: [{}]}], failures: []}                                                 | failures must be a list of at least one entry
            {step-seconds: 1, sites: [{workers: [{}]}], failures: [{crush: 1, repair: 1}]}                            | failures[0]: unknown key crush; the nearest known one is crash
            {step-seconds: 1, sites: [{workers: [{}]}], failures: [{worker: a/0}]}                                    | failures[0]: a failure is one of crash, join, leave, mtbf, partition, slow; give one
            {step-seconds: 1, sites: [{workers: [{}]}], failures: [{crash: 1, leave: 2}]}                             | not crash and leave
            {step-seconds: 1, sites: [{workers: [{}]}], failures: [{crash: 1}]}                                       | failures[0]: repair is missing
            {step-seconds: 1, sites: [{workers: [{}]}], failures: [{crash: 1, repair: -1}]}                           | failures[0]: repair -1.0 cannot be
            {step-seconds: 1, sites: [{workers: [{}]}], failures: [{leave: 1, repair: 1}]}                            | failures[0]: unknown key repair
            {step-seconds: 1, sites: [{workers: [{}]}], failures: [{slow: 1, for: 5, factor: 0}]}                     | failures[0]: factor 0.0 cannot be
            {step-seconds: 1, sites: [{workers: [{}]}], failures: [{mtbf: 0, repair: 1}]}                             | failures[0]: mtbf 0.0 cannot be
            {step-seconds: 1, sites: [{name: a, workers: [{}]}], failures: [{leave: 1}, {leave: 2}]}                  | worker a/0: leave 2.0: the worker is not there
            just words                                                                   | is not a table of lines
            """)
    void refusesWhatCannotBeAndNamesThePlace(String text, String message) {
        assertThatThrownBy(() -> read(text)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("cluster.yaml").hasMessageContaining(message);
    }

    @Test
    void aFileThatIsMissingIsNamed() {
        assertThatThrownBy(() -> ClusterFile.read(temp.resolve("none.yaml")))
                .hasMessageContaining("none.yaml: there is no such cluster file");
    }

    @Test
    void theExampleOfTheDocumentationHasFourWorkers() {
        Cluster cluster = ClusterFile.read(Path.of("..", "docs", "cluster.yaml"));
        assertThat(cluster.workers()).hasSize(4).noneMatch(worker -> worker.failures().isEmpty());
    }

    @Test
    void readsFailuresOfAWorkerOfASiteAndOfAll() throws IOException {
        Cluster cluster = read("""
                step-seconds: 1
                on-failure: drop
                quorum: 2
                sites:
                  - {name: oslo, workers: [{count: 2}]}
                  - {name: rome, workers: [{}]}
                failures:
                  - {worker: oslo/1, crash: 20, repair: 30}
                  - {worker: oslo/1, join: 80}
                  - {worker: oslo/1, leave: 50}
                  - {site: rome, mtbf: 3600, repair: 60}
                  - {worker: rome/0, slow: 40, for: 60, factor: 0.25}
                  - {partition: 10, for: 5}
                """);
        assertThat(cluster.onFailure()).isEqualTo(new OnFailure.Drop(2));
        Failure cut = new Failure.Partition(10, 5);
        assertThat(cluster.workers().stream().map(Worker::failures)).containsExactly(
                List.of(cut),
                List.of(new Failure.Crash(20, 30), new Failure.Join(80), new Failure.Leave(50), cut),
                List.of(new Failure.RandomCrashes(3600, 60), new Failure.Slow(40, 60, 0.25), cut));
    }
}
