package tributary.localsgd.watch;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import tributary.localsgd.figure.FigureScript;

/// The page and what it consists of, all from this jar.
final class Page implements HttpHandler {
    private record Part(String type, byte[] content) {}

    private final Map<String, Part> parts = Map.of(
            "/", part("text/html", own("watch.html")),
            "/watch.css", part("text/css", own("watch.css")),
            "/watch.js", part("text/javascript", own("watch.js")),
            "/page.css", part("text/css", FigureScript.STYLE.text()),
            "/figures.js", part("text/javascript", FigureScript.FIGURES.text()),
            "/echarts.js", part("text/javascript", FigureScript.LIBRARY.text()));

    private static Part part(String type, String text) {
        return new Part(type + "; charset=utf-8", text.getBytes(StandardCharsets.UTF_8));
    }

    private static String own(String resource) {
        try (InputStream stream = Objects.requireNonNull(Page.class.getResourceAsStream(resource), resource)) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void handle(HttpExchange exchange) throws IOException {
        Part part = parts.get(exchange.getRequestURI().getPath());
        if (part == null) {
            Answer.text(exchange, 404, "there is no such page; the only one is /");
        } else {
            Answer.bytes(exchange, 200, part.type, part.content);
        }
    }
}
