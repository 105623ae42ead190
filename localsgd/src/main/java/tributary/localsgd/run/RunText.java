package tributary.localsgd.run;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import tributary.model.GptConfig;
import tributary.model.data.BatchSource;
import tributary.model.data.Batches;
import tributary.model.data.Sharding;
import tributary.model.data.Shards;
import tributary.model.data.TokenizedCorpus;
import tributary.model.data.Windows;
import tributary.model.tokenizer.Tokenizer;

/// The text of a run: what it trains on, and what it is judged by.
///
/// @param validation judged by at the end of the run
/// @param interim a part of it, judged by on the way
record RunText(TokenizedCorpus corpus, BatchSource batches, Windows validation, Windows interim) {
    /// Tokens of validation data measured during training.
    private static final int INTERIM_TOKENS = 16_384;
    /// Windows measured at once: few enough for their activations to stay near the core.
    private static final int WINDOWS_AT_ONCE = 4;

    /// @param corpus the run's data where they are in memory already; otherwise they are read
    /// @param model a folder whose tokenizer is taken
    static RunText of(RunConfig config, Optional<TokenizedCorpus> corpus, Optional<Path> model, RunListener listener) throws IOException {
        TokenizedCorpus text;
        if (corpus.isPresent()) {
            text = corpus.get();
        } else {
            text = TokenizedCorpus.open(config.data(), config.tokenizer(), model);
            text.remarks().forEach(listener::message);
        }
        BatchSource batches = config.shards() == Sharding.IID
                ? new Batches(text.training(), config.batch(), config.context(), config.order(), config.seed())
                : new Shards(text, config.shards(), config.replicas(), config.batch(), config.context(), config.order(), config.seed());
        return new RunText(text, batches,
                windows(config, text, config.evalTokens().orElse(Integer.MAX_VALUE)),
                windows(config, text, Math.min(INTERIM_TOKENS, config.evalTokens().orElse(INTERIM_TOKENS))));
    }

    private static Windows windows(RunConfig config, TokenizedCorpus text, int tokens) {
        return new Windows(text.validation(), WINDOWS_AT_ONCE, config.context(), Math.max(1, tokens / config.context()));
    }

    Tokenizer tokenizer() {
        return corpus.tokenizer();
    }

    /// The shape of a run's model, whose vocabulary is the tokenizer's.
    GptConfig shape(RunConfig config) {
        return new GptConfig(config.layers(), config.heads(), config.width(), tokenizer().vocabularySize(), config.context(),
                config.dropout(),
                1e-5);
    }
}
