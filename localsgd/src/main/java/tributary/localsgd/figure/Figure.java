package tributary.localsgd.figure;

/// A picture of numbers: what is drawn, not how. How is the matter of `figures.js`, which reads [#json()].
public sealed interface Figure permits Curves, HeatMap, Shares, Spans {

    /// What it is, in words.
    Caption caption();

    /// For the script: `kind`, the caption, and what the kind needs.
    String json();
}
