package tributary.model.tokenizer;

/// Turns ids into text while they come. The pieces together are what decoding all ids at once gives.
public interface StreamDecoder {

    /// Takes an id and gives the text that is complete with it: often a character, sometimes nothing yet.
    ///
    /// @throws IllegalArgumentException where the id is not in the vocabulary
    String accept(int id);

    /// Gives what is left where the ids end: U+FFFD for a character that was not finished, or nothing.
    String end();
}
