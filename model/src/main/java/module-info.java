/// GPT: layers, tokenizers, data, optimizers, the one-replica trainer, file formats.
@SuppressWarnings("module") // tributary.localsgd is compiled later
module tributary.model {
    requires transitive tributary.autograd;
    requires tools.jackson.databind;

    exports tributary.model;
    exports tributary.model.data;
    exports tributary.model.format;
    exports tributary.model.json to tributary.localsgd;
    exports tributary.model.optimizer;
    exports tributary.model.tokenizer;
}
