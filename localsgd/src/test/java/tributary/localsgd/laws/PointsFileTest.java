package tributary.localsgd.laws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tributary.model.data.DataException;

class PointsFileTest {

    private static final Set<Quantity> NEEDED = Set.of(Quantity.PARAMETERS);

    @TempDir
    Path folder;

    private PointsFile read(String text) throws IOException {
        return PointsFile.read(Files.writeString(folder.resolve("points.csv"), text));
    }

    @Test
    void readsWhatSpreadsheetsWrite() throws IOException {
        PointsFile file = read("\uFEFF\"loss\", parameters ,note\r\n3.5,3.5e7,\"a, b\"\r\n\r\n 3.2 ,90000000,\r\n");
        assertThat(file.points(NEEDED, Map.of())).containsExactly(
                new Point(Map.of(Quantity.PARAMETERS, 3.5e7), 3.5), new Point(Map.of(Quantity.PARAMETERS, 9e7), 3.2));
    }

    @Test
    void choosesByTextAndByNumber() throws IOException {
        PointsFile file = read("parameters,algorithm,replicas,loss\n1e7,diloco,2,4\n2e7,diloco,4,3.8\n3e7,data-parallel,2,3.6\n");
        assertThat(file.points(NEEDED, Map.of("algorithm", "diloco", "replicas", "2.0")))
                .containsExactly(new Point(Map.of(Quantity.PARAMETERS, 1e7, Quantity.REPLICAS, 2.0), 4));
        assertThat(file.values("replicas", Map.of("algorithm", "diloco"))).containsExactly("2", "4");
        assertThat(file.values("seed", Map.of())).isEmpty();
        assertThatThrownBy(() -> file.points(NEEDED, Map.of("algorithm", "slowmo")))
                .isInstanceOf(DataException.class).hasMessageEndingWith("points.csv: no line where algorithm=slowmo");
        assertThatThrownBy(() -> file.points(NEEDED, Map.of("algoritm", "diloco")))
                .hasMessageEndingWith("there is no column algoritm; there are parameters, algorithm, replicas, loss");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            ''                                     | : the file is empty; a line of column names is wanted, such as parameters,loss
            parameters;1e7                         | : there is no column loss; there are parameters
            size,loss;1e7,3                        | : there is no column parameters; there are size, loss
            parameters,loss,loss;1e7,3,3           | : column 'loss' stands twice
            parameters,loss;1e7,3;2e7              | :3: 1 fields, where the first line names 2
            parameters,loss;1e7,0                  | :2: loss '0' is not a positive number
            parameters,loss;1e7,-3.5               | :2: loss '-3.5' is not a positive number
            parameters,loss;1e7,NaN                | :2: loss 'NaN' is not a positive number
            parameters,loss;35M,3                  | :2: parameters '35M' is not a positive number
            parameters,loss;1e7,3;2e7,2.9;1e7,3    | :4: the same point as line 2; remove one, or tell them apart by a column such as seed
            """)
    void refusesWithThePlaceTheFactsAndTheMend(String text, String message) {
        assertThatThrownBy(() -> read(text.replace(';', '\n')).points(NEEDED, Map.of()))
                .isInstanceOf(DataException.class).hasMessage(folder.resolve("points.csv") + message);
    }

    @Test
    void readsJsonLinesOfWhichSomeSayMore() throws IOException {
        Path file = Files.writeString(folder.resolve("points.jsonl"), """
                {"parameters": 1e7, "loss": 3.5, "algorithm": "diloco", "host": {"cores": 2}, "note": null}

                {"loss": 3.25, "parameters": 20000000, "replicas": 2, "resumed": true}
                """);
        PointsFile points = PointsFile.read(file);
        assertThat(points.points(NEEDED, Map.of())).containsExactly(
                new Point(Map.of(Quantity.PARAMETERS, 1e7), 3.5),
                new Point(Map.of(Quantity.PARAMETERS, 2e7, Quantity.REPLICAS, 2.0), 3.25));
        assertThat(points.points(NEEDED, Map.of("resumed", "true"))).hasSize(1);
        assertThatThrownBy(() -> points.points(NEEDED, Map.of("host", "2")))
                .hasMessageEndingWith("there is no column host; there are parameters, loss, algorithm, replicas, resumed");
        assertThatThrownBy(() -> points.points(Set.of(Quantity.REPLICAS), Map.of()))
                .hasMessage(file + ":1: replicas '' is not a positive number");
        assertThat(points.withoutLoss(Map.of())).isZero();
        Files.move(file, folder.resolve("results.jsonl"));
        assertThat(PointsFile.read(folder).points(NEEDED, Map.of())).hasSize(2);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            ``                      | : the file is empty; JSON objects are wanted, one a line
            {"loss": 3};{"loss":    | :2: not a JSON object
            3.5                     | :1: not a JSON object
            {"loss": 3};{"loss": 3} | :2: the same point as line 1; remove one, or tell them apart by a column such as seed
            """)
    void refusesWhatAreNoJsonLines(String text, String message) throws IOException {
        Path file = Files.writeString(folder.resolve("points.jsonl"), text.replace(';', '\n'));
        assertThatThrownBy(() -> PointsFile.read(file)).isInstanceOf(DataException.class).hasMessageStartingWith(file + message);
    }

    @Test
    void theMeanOverSeedsIsGeometric() throws IOException {
        PointsFile file = read("parameters,algorithm,seed,loss\n1e7,diloco,1,4\n1e7,data-parallel,1,3\n2e7,diloco,1,2\n1e7,diloco,2,9\n");
        assertThat(file.means(NEEDED, Map.of())).extracting(Point::value)
                .usingElementComparator((a, b) -> Math.abs(a - b) < 1e-12 ? 0 : 1).containsExactly(6.0, 3.0, 2.0);
    }

    @Test
    void computeIsReadWhereItIsWritten() throws IOException {
        Set<Quantity> compute = Set.of(Quantity.FLOPS);
        assertThat(read("flops,loss\n1e18,3\n").points(compute, Map.of())).containsExactly(
                new Point(Map.of(Quantity.FLOPS, 1e18), 3));
        PointsFile without = read("parameters,tokens,loss\n1e7,2e8,3\n");
        assertThat(Quantity.FLOPS.in(without.points(compute, Map.of()).getFirst().at())).hasValue(6 * 1e7 * 2e8);
        assertThatThrownBy(() -> read("parameters,loss\n1e7,3\n").points(compute, Map.of()))
                .hasMessageEndingWith("there is no column tokens; there are parameters, loss");
    }

    @Test
    void aFileThatIsMissing() {
        assertThatThrownBy(() -> PointsFile.read(folder.resolve("no.csv")))
                .isInstanceOf(DataException.class).hasMessageEndingWith("no.csv: there is no such file");
        assertThatThrownBy(() -> PointsFile.read(folder)).hasMessage(folder.resolve("results.jsonl") + ": there is no such file");
    }

    @ParameterizedTest
    @CsvSource({"12768, 12768", "1, 1", "1e6, 1e6", "2.4e9, 2.4e9", "123456789, 1.235e8", "0.011731, 0.01173", "12.34567, 12.35",
        "0.00002, 2e-5",
        "999999.7, 1000000"})
    void numbersForPeople(double value, String text) {
        assertThat(Quantity.text(value)).isEqualTo(text);
    }
}
