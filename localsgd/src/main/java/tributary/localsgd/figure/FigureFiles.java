package tributary.localsgd.figure;

import com.github.weisj.jsvg.SVGDocument;
import com.github.weisj.jsvg.parser.LoaderContext;
import com.github.weisj.jsvg.parser.SVGLoader;
import com.github.weisj.jsvg.view.ViewBox;
import java.awt.Color;
import java.awt.Component;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Objects;
import javax.imageio.ImageIO;
import org.mozilla.javascript.Context;
import org.mozilla.javascript.Function;
import org.mozilla.javascript.ScriptableObject;
import tributary.model.format.DurableFile;

/// Figures as files: SVG with texts as texts, PNG of it, and CSV of the numbers. The script is the page's own, run in Rhino; a
/// library that draws in Java would be a second picture of everything.
public final class FigureFiles implements AutoCloseable {
    private static final int WIDTH = 640;
    /// Dots of a PNG for each unit of the SVG.
    private static final int DOTS = 3;
    /// ECharts asks for timers when it is made ready for animation, which no figure has.
    private static final String NO_TIMERS = "function setTimeout() {} function clearTimeout() {}";
    private static final String CALL = """
            (function (text, what) {
                const figure = JSON.parse(text);
                return what === 'csv' ? tributaryFigures.csv(figure) : tributaryFigures.svg(figure, tributaryFigures.themes.light, %d);
            })""".formatted(WIDTH);

    private final Context context;
    private final ScriptableObject scope;
    private final Function call;

    /// Belongs to the thread that made it.
    public FigureFiles() {
        context = Context.enter();
        context.setInterpretedMode(true); // compiled, the library would not fit the limits of class files
        context.setLanguageVersion(Context.VERSION_ECMASCRIPT);
        scope = context.initSafeStandardObjects();
        context.evaluateString(scope, NO_TIMERS, "timers", 1, null);
        context.evaluateString(scope, FigureScript.LIBRARY.text(), "echarts", 1, null);
        context.evaluateString(scope, FigureScript.FIGURES.text(), "figures", 1, null);
        call = (Function) context.evaluateString(scope, CALL, "call", 1, null);
    }

    /// The picture as SVG.
    public String svg(Figure figure) {
        return text(figure, "svg");
    }

    /// The numbers.
    public String csv(Figure figure) {
        return text(figure, "csv");
    }

    private String text(Figure figure, String what) {
        return Context.toString(call.call(context, scope, scope, new Object[] {figure.json(), what}));
    }

    /// Writes `<id>.svg`, `<id>.png` and `<id>.csv`.
    public void write(Figure figure, Path folder) throws IOException {
        String id = figure.caption().id();
        String svg = svg(figure);
        DurableFile.writeString(folder.resolve(id + ".svg"), svg);
        DurableFile.writeString(folder.resolve(id + ".csv"), csv(figure));
        ByteBuffer png = ByteBuffer.wrap(png(svg));
        DurableFile.write(folder.resolve(id + ".png"), channel -> {
            while (png.hasRemaining()) {
                channel.write(png);
            }
        });
    }

    private static byte[] png(String svg) throws IOException {
        SVGDocument document = Objects.requireNonNull(new SVGLoader().load(
                new ByteArrayInputStream(
                        svg.replaceAll("font-family:[^;\"]*", "font-family:" + Font.SANS_SERIF).getBytes(StandardCharsets.UTF_8)),
                null, LoaderContext.createDefault()));
        float width = document.size().width;
        float height = document.size().height;
        BufferedImage image = new BufferedImage(Math.round(DOTS * width), Math.round(DOTS * height), BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        graphics.setColor(Color.WHITE);
        graphics.fillRect(0, 0, image.getWidth(), image.getHeight());
        graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        graphics.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
        graphics.scale(DOTS, DOTS);
        document.render((Component) null, graphics, new ViewBox(0, 0, width, height));
        graphics.dispose();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ImageIO.write(image, "png", bytes);
        return bytes.toByteArray();
    }

    @Override
    public void close() {
        Context.exit();
    }
}
