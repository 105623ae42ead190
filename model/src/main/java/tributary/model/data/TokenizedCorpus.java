package tributary.model.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tributary.model.format.FormatException;
import tributary.model.tokenizer.BpeTokenizer;
import tributary.model.tokenizer.ByteTokenizer;
import tributary.model.tokenizer.CharacterTokenizer;
import tributary.model.tokenizer.Tokenizer;

/// Text as tokens, ready to train on. The text itself is not kept.
///
/// @param description a few words for people: what this is
/// @param remarks whole lines for people: what was left out, what would be better
/// @param train the text to train on
/// @param sections where each document stands in `train`
/// @param validation the text to judge by
/// @param validationBytes how many bytes the validation text takes as UTF-8
/// @param hash the SHA-256 of text and split; see [Split#sha256]
public record TokenizedCorpus(
        Tokenizer tokenizer,
        String description,
        List<String> remarks,
        Tokens train,
        List<Section> sections,
        Tokens validation,
        long validationBytes,
        String hash) {

    /// The tokenizers [#open] takes, for people.
    public static final String TOKENIZERS = "char, byte, gpt2, or a file of byte-level BPE such as tokenizer.json";

    private static final String CHAR = "char";
    private static final String BYTE = "byte";
    private static final String GPT2 = "gpt2";

    /// Reads, splits and tokenizes text.
    ///
    /// @param data what to read, in the words of [TextSource#open]
    /// @param tokenizer `char`, with a vocabulary made from the text, `byte`, `gpt2`, or a file such as `tokenizer.json`
    /// @param model a folder whose `tokenizer.json` is taken instead
    /// @throws DataException where there is no such text, or it cannot be tokenized
    /// @throws IllegalArgumentException where there is no such tokenizer
    public static TokenizedCorpus open(String data, String tokenizer, Optional<Path> model) throws IOException {
        Corpus corpus = TextSource.open(data);
        List<String> remarks = new ArrayList<>(corpus.remarks());
        Tokenizer chosen = model.isPresent() ? Tokenizer.load(model.get()) : make(tokenizer, corpus);
        if (model.isPresent() && !isNamed(chosen, tokenizer)) {
            remarks.add("tokenizer " + chosen.name() + ", not " + tokenizer + ": it comes with the model in " + model.get());
        }
        return of(corpus, chosen, remarks);
    }

    /// Splits and tokenizes text.
    ///
    /// @throws DataException where the tokenizer has no token for a character
    public static TokenizedCorpus of(Corpus corpus, Tokenizer tokenizer) throws DataException {
        return of(corpus, tokenizer, corpus.remarks());
    }

    private static TokenizedCorpus of(Corpus corpus, Tokenizer tokenizer, List<String> remarks) throws DataException {
        Split split = Split.of(corpus);
        List<Section> sections = new ArrayList<>();
        Tokens train = split.training().tokens(tokenizer, sections);
        return new TokenizedCorpus(
                tokenizer,
                corpus.description(),
                List.copyOf(remarks),
                train,
                List.copyOf(sections),
                split.validation().tokens(tokenizer),
                split.validation().bytes(),
                split.sha256());
    }

    private static Tokenizer make(String name, Corpus corpus) throws IOException {
        return name.equals(CHAR) ? CharacterTokenizer.of(corpus.documents().stream().map(Document::text).toList()) : named(name);
    }

    private static boolean isNamed(Tokenizer tokenizer, String name) throws IOException {
        return name.equals(CHAR) ? tokenizer instanceof CharacterTokenizer : named(name).sha256().equals(tokenizer.sha256());
    }

    /// A tokenizer that is there without a text.
    private static Tokenizer named(String name) throws IOException {
        if (name.equals(BYTE)) {
            return new ByteTokenizer();
        }
        if (name.equals(GPT2)) {
            return BpeTokenizer.gpt2();
        }
        if (!isKnown(name)) {
            throw new IllegalArgumentException("tokenizer " + name + " is not known; use " + TOKENIZERS);
        }
        try {
            return Tokenizer.read(Path.of(name));
        } catch (FormatException unusable) {
            throw new DataException("tokenizer " + unusable.getMessage(), unusable);
        }
    }

    /// Whether [#open] takes a tokenizer of this name; a file does not have to be there.
    public static boolean isKnown(String tokenizer) {
        return tokenizer.equals(CHAR) || tokenizer.equals(BYTE) || tokenizer.equals(GPT2)
                || tokenizer.endsWith(".json");
    }
}
