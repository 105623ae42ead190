package tributary.localsgd.watch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.htmlunit.BrowserVersion;
import org.htmlunit.WebClient;
import org.htmlunit.attachment.Attachment;
import org.htmlunit.attachment.CollectingAttachmentHandler;
import org.htmlunit.html.DomElement;
import org.htmlunit.html.DomNode;
import org.htmlunit.html.HtmlPage;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The page's script, as the server gives it, in a browser that is a library: an error in it fails the test. That browser has no
/// server-sent events, so the script is told them here.
class WatchPageTest {
    private static final String SETTINGS = "{\"algorithm\":\"diloco\",\"replicas\":\"2\",\"local-steps\":\"30\",\"steps\":\"100\",\"layers\":\"4\","
            + "\"width\":\"128\",\"context\":\"64\",\"batch\":\"8\",\"data\":\"<b>jdk</b>\"}";

    @TempDir
    static Path folder;

    private static Dashboard dashboard;
    private static WebClient browser;
    private static HtmlPage page;
    private static final List<Attachment> DOWNLOADS = new ArrayList<>();

    @BeforeAll
    static void open() throws IOException {
        dashboard = Dashboard.open(Files.createDirectories(folder.resolve("run")), 0);
        browser = new WebClient(BrowserVersion.CHROME);
        browser.setAttachmentHandler(new CollectingAttachmentHandler(DOWNLOADS));
        page = browser.getPage(dashboard.address().toURL());
    }

    @AfterAll
    static void close() {
        browser.close();
        dashboard.close();
    }

    /// Draws only what the script is told, when the test says so: drawing takes long here.
    @BeforeEach
    void aRun() {
        tell("begin", "{}");
        tell("run", "{\"run\":0,\"name\":\"<b>first\"}");
        tell("settings", "{\"run\":0,\"settings\":" + SETTINGS + "}");
        tell("points", "{\"run\":0,\"lines\":[" + line(10, "") + "," + line(20, "\"val_loss\":2.5,") + "]}");
        tell("state", "{\"run\":0,\"activity\":\"training\",\"seconds_left\":3725,\"written\":1,\"line\":" + line(20, "") + "}");
    }

    private static void tell(String event, String data) {
        page.executeJavaScript("tributaryWatch.tell('" + event + "', " + data + ")");
    }

    private static void draw() {
        page.executeJavaScript("tributaryWatch.draw()");
    }

    private static String line(int step, String more) {
        return "{\"step\":" + step + ",\"tokens\":" + 512 * step + ",\"train_loss\":3.0,\"replica_losses\":[2.0,4.0]," + more
                + "\"lr\":0.001,\"tokens_per_second\":4321.5,\"rounds\":" + step / 10 + ",\"communicated_bytes\":" + 1000 * step
                + ",\"elapsed_seconds\":" + 5 * step + "}";
    }

    private static List<String> figures() {
        return page.querySelectorAll("#figures figure").stream().filter(figure -> !((DomElement) figure).hasAttribute("hidden"))
                .map(figure -> figure.querySelector("h3").getTextContent()).toList();
    }

    private static String text(String selector) {
        return page.querySelector(selector).getTextContent();
    }

    @Test
    void showsHowTheRunStands() {
        draw();
        assertThat(text("h1")).isEqualTo("<b>first");
        assertThat(page.getTitleText()).isEqualTo("20 % <b>first – Tributary");
        assertThat(text("#about")).isEqualTo("diloco, 2 replicas that merge every 30 steps; 4 layers, width 128, context 64; "
                + "512 tokens a step; data <b>jdk</b>");
        assertThat(page.querySelectorAll("#tiles div").stream().map(DomNode::getTextContent)).containsExactly(
                "steps20 of 100", "time left1 h 2 min", "time so far1 min 40 s", "training loss3.0000", "validation loss2.5000",
                "speed4\u202f322 tokens/s", "synchronisations2", "communicated20.0 kB");
        assertThat(page.querySelectorAll("b")).isEmpty();
        assertThat(page.getElementById("problem").hasAttribute("hidden")).isTrue();
    }

    @Test
    void drawsACurveForEachReplica() throws IOException {
        draw();
        assertThat(figures()).containsExactly("Loss", "Speed", "Synchronisations", "Communication", "Learning rate");
        DomNode chart = page.querySelector("#figures figure:not([hidden]) .chart");
        assertThat(chart.querySelectorAll("svg text").stream().map(DomNode::getTextContent))
                .contains("replica 1", "replica 2", "all replicas", "validation", "tokens");
        page.<DomElement>querySelector("[data-axis=time]").click();
        page.<DomElement>querySelector("#figures figure:not([hidden]) button").click();
        assertThat(DOWNLOADS.removeLast().getPage().getWebResponse().getContentAsString().lines()).contains(
                "series,time (seconds),loss (nats a token)", "replica 1,50,2", "replica 2,100,4", "all replicas,100,3",
                "validation,100,2.5");
        page.<DomElement>querySelector("[data-axis=tokens]").click();
    }

    @Test
    void aRewoundRunForgetsWhatNoLongerCounts() throws IOException {
        tell("rewind", "{\"run\":0,\"step\":10}");
        draw();
        page.<DomElement>querySelector("#figures figure:not([hidden]) button").click();
        assertThat(DOWNLOADS.removeLast().getPage().getWebResponse().getContentAsString())
                .contains("all replicas,5120,3").doesNotContain("10240");
    }

    @Test
    void aSilentRunSaysSo() {
        tell("state", "{\"run\":0,\"activity\":\"quiet\",\"written\":1000,\"unreadable_lines\":2,\"line\":" + line(20, "") + "}");
        draw();
        assertThat(text("#problem")).contains("Nothing new since", "2 lines of its metrics could not be read");
        assertThat(text("#tiles")).contains("statesilent").doesNotContain("time left");
    }

    @Test
    void severalRunsStandInATableAndOneChart() throws IOException {
        tell("run", "{\"run\":1,\"name\":\"0123456789abcdef\"}");
        tell("settings", "{\"run\":1,\"settings\":" + SETTINGS.replace("\"2\"", "\"8\"").replace("128", "256") + "}");
        tell("points", "{\"run\":1,\"lines\":[" + line(100, "") + "]}");
        tell("state", "{\"run\":1,\"activity\":\"finished\",\"written\":2,\"line\":" + line(100, "") + "}");
        draw();
        assertThat(text("h1")).isEqualTo("2 runs");
        assertThat(text("#counts")).isEqualTo("2 runs: 1 training, 1 finished");
        assertThat(page.querySelectorAll("#runs tr td:first-child").stream().map(DomNode::getTextContent))
                .containsExactly("<b>firstreplicas 2, width 128", "replicas 8, width 256");
        assertThat(figures()).startsWith("Loss of the runs", "Loss");
        assertThat(page.querySelector("#figures figure:not([hidden]) .chart").querySelectorAll("svg text").stream()
                .map(DomNode::getTextContent))
                .contains("<b>first", "replicas 8, width 256");
        page.<DomElement>querySelector("[data-run='1']").click();
        assertThat(text("#name")).isEqualTo("replicas 8, width 256");
        assertThat(text("#tiles")).contains("steps100 of 100", "statefinished");
        page.<DomElement>querySelector("[data-run='0']").click();
    }

    @Test
    void lightAndDark() throws IOException {
        String offered = text("#theme");
        page.<DomElement>querySelector("#theme").click();
        assertThat(text("#theme")).isNotEqualTo(offered);
        page.<DomElement>querySelector("#theme").click();
        assertThat(text("#theme")).isEqualTo(offered);
    }
}
