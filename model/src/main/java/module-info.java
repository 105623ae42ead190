/// GPT: layers, tokenizers, data, optimizers, the one-replica trainer, file formats.
@SuppressWarnings({"module", "requires-automatic"}) // tributary.localsgd is compiled later; JTokkit has no module descriptor
module tributary.model {
    requires transitive tributary.autograd;
    requires jtokkit;
    requires tools.jackson.databind;

    exports tributary.model;
    exports tributary.model.data;
    exports tributary.model.format;
    exports tributary.model.json to tributary.localsgd;
    exports tributary.model.optimizer;
    exports tributary.model.tokenizer;
}
