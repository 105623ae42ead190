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
/// @param training the text to train on, of one or more sources
/// @param sections where each document stands in the only source; none where there are several, or tokens made before
/// @param validation the text to judge by
/// @param validationBytes how many bytes the validation text takes as UTF-8
/// @param hash the SHA-256 of text and split; see [Split#sha256]
public record TokenizedCorpus(
        Tokenizer tokenizer,
        String description,
        List<String> remarks,
        List<WeightedTokens> training,
        List<Section> sections,
        Tokens validation,
        long validationBytes,
        String hash) {

    /// The tokenizers [#open] takes, for people.
    public static final String TOKENIZERS = "char, byte, gpt2, or a file of byte-level BPE such as tokenizer.json";

    private static final String CHAR = "char";
    private static final String BYTE = "byte";
    private static final String GPT2 = "gpt2";

    /// Reads, splits and tokenizes text, or opens what is tokenized already.
    ///
    /// Several sources with weights are split each for itself; their validation parts stand one after the other, whatever
    /// the weights.
    ///
    /// @param data what to read, in the words of [TextSource#open]; a folder of a [TokenFolder]; or several such with weights:
    ///        `a.txt=0.7,jdk=0.3`
    /// @param tokenizer `char`, with a vocabulary made from the text, `byte`, `gpt2`, or a file such as `tokenizer.json`
    /// @param model a folder whose `tokenizer.json` is taken instead
    /// @throws DataException where there is no such text, or it cannot be tokenized
    /// @throws IllegalArgumentException where there is no such tokenizer
    public static TokenizedCorpus open(String data, String tokenizer, Optional<Path> model) throws IOException {
        List<Mixture.Part> parts = Mixture.parse(data).parts();
        List<TokenizedCorpus> ready = new ArrayList<>();
        List<Corpus> texts = new ArrayList<>();
        for (Mixture.Part part : parts) {
            if (TokenFolder.isOne(part.source())) {
                ready.add(TokenFolder.open(Path.of(part.source())));
            } else {
                texts.add(TextSource.open(part.source()));
            }
        }
        Tokenizer chosen = model.isPresent() ? Tokenizer.load(model.get())
                : ready.isEmpty() ? make(tokenizer, texts) : ready.getFirst().tokenizer;
        for (TokenizedCorpus corpus : ready) {
            if (!corpus.tokenizer.sha256().equals(chosen.sha256())) {
                throw new DataException("data: " + corpus.description + " was tokenized with another tokenizer than "
                        + model.map(folder -> "the model in " + folder).orElse("the other data") + " has");
            }
        }
        List<String> remarks = new ArrayList<>();
        if ((model.isPresent() || !ready.isEmpty()) && !isNamed(chosen, tokenizer)) {
            remarks.add("tokenizer " + chosen.name() + ", not " + tokenizer + ": it comes with "
                    + model.map(folder -> "the model in " + folder).orElse("the tokenized data"));
        }
        List<TokenizedCorpus> all = new ArrayList<>();
        for (Mixture.Part part : parts) {
            all.add(TokenFolder.isOne(part.source()) ? ready.removeFirst() : of(texts.removeFirst(), chosen));
        }
        all.forEach(corpus -> remarks.addAll(corpus.remarks));
        return mixed(all, parts.stream().map(Mixture.Part::weight).toList(), remarks);
    }

    /// Sources named one by one, with or without a weight each, in the words of [#open].
    ///
    /// @throws IllegalArgumentException where one of several has a comma in it
    public static String several(List<String> sources) {
        return Mixture.join(sources);
    }

    /// Sources beside each other, each with its weight; one that is of several itself shares its weight among them.
    static TokenizedCorpus mixed(List<TokenizedCorpus> all, List<Double> weights, List<String> remarks) {
        TokenizedCorpus first = all.getFirst();
        if (all.size() == 1) {
            return new TokenizedCorpus(first.tokenizer, first.description, List.copyOf(remarks), first.training, first.sections,
                    first.validation,
                    first.validationBytes, first.hash);
        }
        List<WeightedTokens> training = new ArrayList<>();
        StringBuilder hashes = new StringBuilder();
        for (int i = 0; i < all.size(); i++) {
            double weight = weights.get(i);
            List<WeightedTokens> parts = all.get(i).training;
            double sum = parts.stream().mapToDouble(WeightedTokens::weight).sum();
            parts.forEach(part -> training.add(new WeightedTokens(part.tokens(), weight * part.weight() / sum)));
            hashes.append(all.get(i).hash).append('=').append(weight).append('\n');
        }
        Split.Digest digest = new Split.Digest();
        digest.add(hashes.toString());
        return new TokenizedCorpus(
                first.tokenizer,
                String.join("; ", all.stream().map(TokenizedCorpus::description).toList()),
                List.copyOf(remarks),
                List.copyOf(training),
                List.of(),
                Tokens.joined(all.stream().map(TokenizedCorpus::validation).toList()),
                all.stream().mapToLong(TokenizedCorpus::validationBytes).sum(),
                digest.sha256());
    }

    /// The tokens to train on of the first source, which is mostly the only one.
    public Tokens train() {
        return training.getFirst().tokens();
    }

    /// Splits and tokenizes text.
    ///
    /// @throws DataException where the tokenizer has no token for a character
    public static TokenizedCorpus of(Corpus corpus, Tokenizer tokenizer) throws DataException {
        Split split = Split.of(corpus);
        List<Section> sections = new ArrayList<>();
        Tokens train = split.training().tokens(tokenizer, sections);
        return new TokenizedCorpus(
                tokenizer,
                corpus.description(),
                corpus.remarks(),
                List.of(new WeightedTokens(train, 1)),
                List.copyOf(sections),
                split.validation().tokens(tokenizer),
                split.validation().bytes(),
                split.sha256());
    }

    private static Tokenizer make(String name, List<Corpus> texts) throws IOException {
        return name.equals(CHAR)
                ? CharacterTokenizer.of(texts.stream().flatMap(corpus -> corpus.documents().stream()).map(Document::text).toList())
                : named(name);
    }

    private static boolean isNamed(Tokenizer tokenizer, String name) throws IOException {
        return name.equals(CHAR) ? tokenizer instanceof CharacterTokenizer : named(name).sha256().equals(tokenizer.sha256());
    }

    /// A tokenizer that is there without a text: `byte`, `gpt2`, or a file such as `tokenizer.json`.
    ///
    /// @throws DataException where the file cannot be used
    /// @throws IllegalArgumentException where there is no such tokenizer
    public static Tokenizer named(String name) throws IOException {
        if (name.equals(BYTE)) {
            return new ByteTokenizer();
        }
        if (name.equals(GPT2)) {
            return BpeTokenizer.gpt2();
        }
        if (name.equals(CHAR)) {
            throw new IllegalArgumentException("tokenizer char has its vocabulary from the text it is for; use byte, gpt2 or a file");
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
