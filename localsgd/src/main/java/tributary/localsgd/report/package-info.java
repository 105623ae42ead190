/// Reports: what runs measured, as one page that needs nothing else, and as pictures for papers.
@NullMarked
package tributary.localsgd.report;

import org.jspecify.annotations.NullMarked;
