/// Papers: local SGD algorithms, replica groups, runs and their checkpoints.
@SuppressWarnings("requires-automatic") // Hipparchus has no module descriptors
module tributary.localsgd {
    requires transitive tributary.model;
    requires com.github.weisj.jsvg;
    requires de.siegmar.fastcsv;
    requires hipparchus.core;
    requires hipparchus.optim;
    requires java.desktop;
    requires jdk.httpserver;
    requires org.mozilla.rhino;
    requires tools.jackson.databind;
    requires tools.jackson.dataformat.yaml;

    exports tributary.localsgd;
    exports tributary.localsgd.cluster;
    exports tributary.localsgd.codec;
    exports tributary.localsgd.figure;
    exports tributary.localsgd.laws;
    exports tributary.localsgd.plan;
    exports tributary.localsgd.report;
    exports tributary.localsgd.run;
    exports tributary.localsgd.study;
    exports tributary.localsgd.watch;
}
