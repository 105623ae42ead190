package tributary.localsgd.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import tributary.localsgd.figure.Figure;
import tributary.localsgd.figure.FigureScript;

/// A report as one HTML file: style, scripts and numbers stand in it, and its policy lets it fetch nothing.
record Page(String title, List<Section> sections) {
    /// A fact of more letters gets a line for itself.
    private static final int LONG = 32;
    private static final String BEGIN = """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; \
            img-src data: blob:">
            <link rel="icon" href="data:,">
            """;

    String html() {
        StringBuilder page = new StringBuilder(BEGIN);
        page.append("<title>").append(escape(title)).append("</title>\n<style>\n").append(FigureScript.STYLE.text())
                .append("</style>\n</head>\n<body>\n");
        page.append("<header>\n<h1>").append(escape(title)).append("</h1>\n")
                .append("<button type=\"button\" id=\"theme\" hidden>Dark</button>\n");
        if (sections.size() > 1) {
            page.append("<nav aria-label=\"Sections\"><ul>\n");
            sections.forEach(section -> page.append("<li><a href=\"#").append(section.id()).append("\">").append(escape(section.title()))
                    .append("</a></li>\n"));
            page.append("</ul></nav>\n");
        }
        page.append("</header>\n<main>\n<noscript><p>The charts need JavaScript; the tables do not.</p></noscript>\n");
        sections.forEach(section -> append(section, page));
        page.append("</main>\n");
        appendScript(FigureScript.LIBRARY.text(), page);
        appendScript(FigureScript.FIGURES.text(), page);
        page.append("<script type=\"application/json\" id=\"figures\">").append(figures()).append("</script>\n");
        appendScript(resource("report.js"), page);
        return page.append("</body>\n</html>\n").toString();
    }

    private static void appendScript(String script, StringBuilder page) {
        page.append("<script>\n").append(script).append("</script>\n");
    }

    /// No text in it can end the script it stands in.
    private String figures() {
        return sections.stream().flatMap(Section::figures).map(Figure::json).collect(Collectors.joining(",\n", "[", "]"))
                .replace("<", "\\u003c");
    }

    private static void append(Section section, StringBuilder page) {
        page.append("<section aria-labelledby=\"").append(section.id()).append("\">\n<h2 id=\"").append(section.id()).append("\">")
                .append(escape(section.title())).append("</h2>\n");
        section.blocks().forEach(block -> append(block, page));
        page.append("</section>\n");
    }

    private static void append(Block block, StringBuilder page) {
        switch (block) {
            case Block.Prose prose -> page.append("<p>").append(escape(prose.text())).append("</p>\n");
            case Block.Facts facts -> card(facts.title(), list(facts.rows()), page);
            case Block.Grid grid -> card(grid.title(), table(grid), page);
            case Block.Drawing drawing -> append(drawing.figure(), "", page);
            case Block.Choice choice -> append(choice, page);
            case Block.Excerpt excerpt -> card(excerpt.title(), "<pre tabindex=\"0\">" + escape(excerpt.text()) + "</pre>\n", page);
            case Block.Folded folded -> {
                page.append("<details><summary>").append(escape(folded.title())).append("</summary>\n");
                append(folded.content(), page);
                page.append("</details>\n");
            }
        }
    }

    private static void card(String title, String content, StringBuilder page) {
        page.append("<div class=\"card\">\n");
        if (!title.isEmpty()) {
            page.append("<h3>").append(escape(title)).append("</h3>\n");
        }
        page.append(content).append("</div>\n");
    }

    private static String list(Map<String, String> rows) {
        return rows.entrySet().stream()
                .map(row -> (row.getValue().length() > LONG ? "<div class=\"long\"><dt>" : "<div><dt>") + escape(row.getKey()) + "</dt><dd>"
                        + escape(row.getValue()) + "</dd></div>\n")
                .collect(Collectors.joining("", "<dl class=\"facts\">\n", "</dl>\n"));
    }

    private static String table(Block.Grid grid) {
        String number = grid.numbers() ? " class=\"number\"" : "";
        StringBuilder table = new StringBuilder("<div class=\"scroll\" tabindex=\"0\"><table class=\"wide\"><thead><tr>");
        for (int i = 0; i < grid.head().size(); i++) {
            table.append("<th scope=\"col\"").append(i == 0 ? "" : number).append('>').append(escape(grid.head().get(i))).append("</th>");
        }
        table.append("</tr></thead><tbody>\n");
        for (List<String> row : grid.rows()) {
            table.append("<tr><th scope=\"row\">").append(escape(row.getFirst())).append("</th>");
            row.stream().skip(1).forEach(cell -> table.append("<td").append(number).append('>').append(escape(cell)).append("</td>"));
            table.append("</tr>\n");
        }
        return table.append("</tbody></table></div>\n").toString();
    }

    private static void append(Block.Choice choice, StringBuilder page) {
        page.append("<div class=\"choices\">\n<div class=\"choice\" role=\"tablist\" aria-label=\"").append(escape(choice.title()))
                .append("\" hidden><span class=\"muted\">").append(escape(choice.title())).append("</span>\n");
        choice.figures().forEach((name, figure) -> page.append("<button type=\"button\" role=\"tab\" id=\"tab-")
                .append(figure.caption().id()).append("\" aria-controls=\"").append(figure.caption().id()).append("\">")
                .append(escape(name)).append("</button>\n"));
        page.append("</div>\n");
        choice.figures().values().forEach(figure -> append(
                figure, " role=\"tabpanel\" aria-labelledby=\"tab-" + figure.caption().id() + "\"", page));
        page.append("</div>\n");
    }

    private static void append(Figure figure, String attributes, StringBuilder page) {
        String id = figure.caption().id();
        String title = escape(figure.caption().title());
        String text = escape(figure.caption().text());
        page.append("<figure id=\"").append(id).append('"').append(attributes).append(">\n<figcaption><h3>").append(title)
                .append("</h3>").append(text.isEmpty() ? "" : "<p>" + text + "</p>").append("</figcaption>\n");
        page.append("<div class=\"chart\" role=\"img\" aria-label=\"").append(title).append(". ").append(text)
                .append("\" data-figure=\"").append(id).append("\"></div>\n");
        page.append("<div class=\"actions\"><button type=\"button\" data-csv=\"").append(id).append("\" aria-label=\"Numbers of ")
                .append(title).append(" as CSV\">CSV</button><button type=\"button\" data-svg=\"").append(id)
                .append("\" aria-label=\"Picture of ").append(title).append(" as SVG\">SVG</button></div>\n</figure>\n");
    }

    /// Text for HTML, in and outside of attributes. Control characters, which HTML does not have, become their pictures.
    static String escape(String text) {
        StringBuilder escaped = new StringBuilder(text.length() + 16);
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '&' -> escaped.append("&amp;");
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '"' -> escaped.append("&quot;");
                case '\'' -> escaped.append("&#39;");
                case '\n', '\t' -> escaped.append(c);
                default -> escaped.append(c < ' ' ? (char) (0x2400 + c) : c);
            }
        }
        return escaped.toString();
    }

    private static String resource(String name) {
        try (InputStream stream = Objects.requireNonNull(Page.class.getResourceAsStream(name), name)) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
