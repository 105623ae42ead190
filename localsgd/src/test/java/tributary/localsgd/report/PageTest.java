package tributary.localsgd.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.htmlunit.BrowserVersion;
import org.htmlunit.WebClient;
import org.htmlunit.attachment.Attachment;
import org.htmlunit.attachment.CollectingAttachmentHandler;
import org.htmlunit.html.DomElement;
import org.htmlunit.html.DomNode;
import org.htmlunit.html.HtmlPage;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The page's scripts, in a browser that is a library: an error in any of them fails the test.
class PageTest {
    private static final String SAMPLE = "a </script><script>document.title = 'broken'</script> & \u0000 <!-- b";

    @TempDir
    static Path folder;

    private static String html = "";
    private static WebClient browser;
    private static HtmlPage page;
    private static final List<Attachment> DOWNLOADS = new ArrayList<>();

    @BeforeAll
    static void open() throws Exception {
        Path first = RunFixture.write(folder.resolve("diloco"), "diloco", 3, 100);
        Path second = RunFixture.write(folder.resolve("parallel"), "data-parallel", 2.9, 30_000);
        RunRecord plain = RunRecord.read(first, "</script><b>diloco");
        RunRecord sampled = new RunRecord(plain.name(), plain.config(), plain.measurements(), plain.shape(), plain.trace(),
                Optional.of(SAMPLE), plain.rollbacks());
        html = new Page("2 <runs>", new RunSections(List.of(sampled, RunRecord.read(second, "parallel"))).sections()).html();
        Path file = Files.writeString(folder.resolve("report.html"), html);
        browser = new WebClient(BrowserVersion.CHROME);
        browser.setAttachmentHandler(new CollectingAttachmentHandler(DOWNLOADS));
        page = browser.getPage(file.toUri().toURL());
    }

    @AfterAll
    static void close() {
        browser.close();
    }

    @Test
    void textsAreTexts() {
        assertThat(page.getTitleText()).isEqualTo("2 <runs>");
        assertThat(page.querySelector("pre").getTextContent()).isEqualTo(SAMPLE.replace('\u0000', '␀'));
        assertThat(page.querySelectorAll("b")).isEmpty();
        assertThat(page.querySelector("thead").getTextContent()).contains("</script><b>diloco");
    }

    @Test
    void needsNothingElse() {
        assertThat(page.querySelectorAll("script[src], img, iframe, link[rel=stylesheet]")).isEmpty();
        assertThat(html).contains("default-src 'none'").doesNotContain("@import");
    }

    @Test
    void everyChartIsDrawnWhenItIsShown() throws Exception {
        List<String> tabs = new ArrayList<>();
        for (DomNode tab : page.querySelectorAll("[role=tab]")) {
            ((DomElement) tab).click();
            tabs.add(tab.getTextContent());
            assertThat(page.querySelectorAll("[role=tab][aria-selected=true]")).containsExactly(tab);
        }
        assertThat(tabs).containsExactly("tokens", "communicated", "virtual time", "time"); // compute takes a model
        for (DomNode chart : page.querySelectorAll(".chart")) {
            String id = ((DomElement) chart).getAttribute("data-figure");
            assertThat(chart.querySelectorAll("svg text").size()).as(id).isGreaterThan(4);
        }
        assertThat(page.querySelectorAll(".chart")).hasSize(4 + 1 + 2 + 4);
    }

    @Test
    void theNumbersOfAChartComeAsAFile() throws Exception {
        page.getElementById("tab-loss-bytes").click();
        page.<DomElement>querySelector("[data-csv=loss-bytes]").click();
        assertThat(DOWNLOADS).hasSize(1);
        assertThat(DOWNLOADS.getFirst().getSuggestedFilename()).isEqualTo("loss-bytes.csv");
        assertThat(DOWNLOADS.getFirst().getPage().getWebResponse().getContentAsString())
                .startsWith("series,communicated (bytes),loss (nats a token)\r\n</script><b>diloco,2000,3.1\r\n").hasLineCount(9);
    }

    @Test
    void lightAndDark() throws Exception {
        DomElement button = page.getElementById("theme");
        for (int i = 0; i < 2; i++) {
            String offered = button.getTextContent();
            button.click();
            assertThat(page.getDocumentElement().getAttribute("data-theme")).isEqualTo(offered.toLowerCase(Locale.ROOT));
            assertThat(button.getTextContent()).isNotEqualTo(offered);
            boolean dark = offered.equals("Dark");
            assertThat(page.getElementById("throughput").querySelector("svg").asXml())
                    .contains(dark ? "#56b4e9" : "#0072b2").doesNotContain(dark ? "#0072b2" : "#56b4e9");
        }
    }
}
