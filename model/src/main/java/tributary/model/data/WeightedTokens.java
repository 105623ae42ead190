package tributary.model.data;

/// Tokens, and how large a share of training they have beside others.
///
/// @param weight positive; shares are weights over their sum
public record WeightedTokens(Tokens tokens, double weight) {

    public WeightedTokens {
        if (!(weight > 0 && Double.isFinite(weight))) {
            throw new IllegalArgumentException("weight " + weight + " is not a positive number");
        }
    }
}
