/// Papers: local SGD algorithms, replica groups, runs and their checkpoints.
module tributary.localsgd {
    requires transitive tributary.model;
    requires tools.jackson.databind;
    requires tools.jackson.dataformat.yaml;

    exports tributary.localsgd;
    exports tributary.localsgd.cluster;
    exports tributary.localsgd.codec;
    exports tributary.localsgd.run;
}
