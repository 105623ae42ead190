package tributary.localsgd.figure;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/// What a page needs to draw figures, as text to stand inside it, so that it needs no network.
public enum FigureScript {
    /// Apache ECharts; has to come first.
    LIBRARY("echarts.min.js"),
    /// `tributaryFigures`: `option(figure, theme, width)` for ECharts, `height(figure, width)`, `csv(figure)`, `save(name,
    /// type, text)`, `themes`.
    FIGURES("figures.js"),
    /// Colours, type and layout, light and dark: `<html data-theme="light">` or `dark` overrules the system's choice.
    STYLE("page.css");

    private final String resource;

    FigureScript(String resource) {
        this.resource = resource;
    }

    public String text() {
        try (InputStream stream = Objects.requireNonNull(FigureScript.class.getResourceAsStream(resource), resource)) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
