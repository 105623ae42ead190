package tributary.localsgd.figure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.w3c.dom.Document;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

class FigureFilesTest {
    private static final Figure CURVES = new Curves(
            new Caption("law", "A law", "Made up."), Axis.log("parameters", ""), Axis.log("loss", "nats"),
            List.of(new Series("M = 1 & <more>", Series.Mark.POINTS, 0,
                    List.of(new double[] {1e6, 3.5}, new double[] {2e7, 2.5}, new double[] {0, 2})),
                    new Series("law", Series.Mark.LINE, 1, List.of(new double[] {1e6, 3.4}, new double[] {2e7, 2.6})),
                    new Series("law", Series.Mark.BAND, 1, List.of(new double[] {1e6, 3.3, 3.6}, new double[] {2e7, 2.4, 2.7})),
                    new Series("law", Series.Mark.WHISKERS, 1, List.<double[]>of(new double[] {2e7, 2.3, 2.8}))));
    private static final Figure MAP = new HeatMap(
            new Caption("penalty", "Penalty", "Made up."), "M", List.of("1", "2"), "H", List.of("10", "30"),
            Axis.linear("penalty", "%"), List.of(List.of(Optional.of(HeatMap.Cell.of(0)),
                    Optional.of(new HeatMap.Cell(1.5, Optional.of(new double[] {1.25, 1.75})))),
                    List.of(Optional.empty(), Optional.of(HeatMap.Cell.of(-2.25)))),
            true);
    private static final Figure STEEP = new HeatMap(
            new Caption("best", "Best", "Made up."), "N", List.of("1k", "1M", "1G"), "W", List.of("all"), Axis.log("H", ""),
            List.of(Stream.of(1.0, 10.0, 100.0).map(HeatMap.Cell::of).map(Optional::of).toList()), false);
    private static final Figure SHARES = new Shares(
            new Caption("shares", "Shares", "Made up."), List.of("oslo, \"attic\""), List.of("compute", "wait"),
            Axis.linear("time", "s"), new double[][] {{3, 1}});
    private static final Figure SPANS = new Spans(
            new Caption("spans", "Spans", "Made up."), List.of("oslo", "attic"), List.of("compute", "wait"), Axis.linear("time", "s"),
            List.of(new Spans.Span(0, 0, 0, 2), new Spans.Span(1, 0, 0, 1), new Spans.Span(1, 1, 1, 2)));

    private static FigureFiles files;

    @TempDir
    Path folder;

    @BeforeAll
    static void start() {
        files = new FigureFiles();
    }

    @AfterAll
    static void end() {
        files.close();
    }

    static Stream<Figure> figures() {
        return Stream.of(CURVES, MAP, STEEP, SHARES, SPANS);
    }

    @ParameterizedTest
    @MethodSource("figures")
    void everyKindBecomesAPictureAndNumbers(Figure figure) throws Exception {
        files.write(figure, folder);
        Path png = folder.resolve(figure.caption().id() + ".png");
        assertThat(ImageIO.read(png.toFile()).getWidth()).isEqualTo(3 * 640);
        assertThat(texts(Files.readString(folder.resolve(figure.caption().id() + ".svg")))).hasSizeGreaterThan(3);
        assertThat(folder.resolve(figure.caption().id() + ".csv")).isNotEmptyFile();
    }

    @Test
    void textsStayTexts() throws Exception {
        assertThat(texts(files.svg(CURVES))).contains("parameters", "loss (nats)", "M = 1 & <more>", "law", "1M", "10M", "3");
        assertThat(texts(files.svg(MAP))).contains("M", "H", "1.5", "-2.25", "30");
        assertThat(texts(files.svg(SPANS))).contains("oslo", "attic", "compute", "wait", "time (s)");
    }

    @Test
    void numbersAreWhatIsDrawn() {
        assertThat(files.csv(CURVES)).isEqualTo("""
                series,parameters,loss (nats),low,high\r
                M = 1 & <more>,1000000,3.5,,\r
                M = 1 & <more>,20000000,2.5,,\r
                law,1000000,3.4,,\r
                law,20000000,2.6,,\r
                law,1000000,,3.3,3.6\r
                law,20000000,,2.4,2.7\r
                law,20000000,,2.3,2.8\r
                """);
        assertThat(files.csv(MAP)).isEqualTo("M,H,penalty (%),low,high\r\n1,10,0,,\r\n2,10,1.5,1.25,1.75\r\n2,30,-2.25,,\r\n");
        assertThat(files.csv(SHARES)).isEqualTo("row,compute,wait\r\n\"oslo, \"\"attic\"\"\",3,1\r\n");
        assertThat(files.csv(SPANS)).startsWith("row,part,from (s),to (s)\r\noslo,compute,0,2\r\n").hasLineCount(4);
    }

    /// 10 lies in the middle between 1 and 100, not at a tenth of the way.
    @Test
    void coloursFollowTheScale() {
        assertThat(colours(files.svg(STEEP))).contains("rgb(111,183,154)");
    }

    private static List<String> colours(String svg) {
        return Pattern.compile("fill=\"(#[0-9a-f]{6}|rgb\\(\\d+,\\d+,\\d+\\))\"").matcher(svg).results().map(found -> found.group(1))
                .toList();
    }

    @Test
    void theSamePictureEveryTime() {
        assertThat(files.svg(CURVES)).isEqualTo(files.svg(CURVES));
    }

    @Test
    void refusesNamesThatAreNoFiles() {
        assertThatThrownBy(() -> new Caption("../law", "", "")).hasMessageStartingWith("figure '../law': an id has small letters");
        assertThatThrownBy(() -> new Series("law", Series.Mark.BAND, 0, List.of(new double[2])))
                .hasMessage("series law: a point of 2 numbers; a band takes 3");
    }

    private static List<String> texts(String svg) throws Exception {
        Document document = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new InputSource(new StringReader(svg)));
        NodeList nodes = document.getElementsByTagName("text");
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < nodes.getLength(); i++) {
            texts.add(nodes.item(i).getTextContent());
        }
        return texts;
    }
}
