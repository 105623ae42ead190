/// Pictures of numbers: what is drawn, as values, and the one script that draws them, in a web page and as files.
///
/// The charts are Apache ECharts': it draws vectors, has logarithmic axes, maps and shapes of one's own, and runs in a browser,
/// in HtmlUnit and, without any page, in Rhino. A page and a paper so get the same picture from the same script.
@NullMarked
package tributary.localsgd.figure;

import org.jspecify.annotations.NullMarked;
