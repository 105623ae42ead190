package tributary.localsgd.codec;

import java.util.OptionalDouble;

/// A codec, with or without error feedback: what a run's setting `codec` says.
///
/// @param codec what numbers are sent as
/// @param errorFeedback beta, in (0, 1]: the share of what a message left out that is added to the next one; empty where
///        it is forgotten
public record Compression(Codec codec, OptionalDouble errorFeedback) {

    public Compression {
        if (errorFeedback.isPresent() && !(errorFeedback.getAsDouble() > 0 && errorFeedback.getAsDouble() <= 1)) {
            throw new IllegalArgumentException(
                    "codec: error feedback " + errorFeedback.getAsDouble() + " is not in (0, 1]; 1 keeps every error, no-ef keeps none");
        }
    }

    /// Numbers as they are.
    public static Compression none() {
        return new Compression(new Fp32(), OptionalDouble.empty());
    }

    /// The compression that a text describes: parts joined by `+`, first a codec, then `ef:BETA` or `ef` (beta 1) where
    /// errors are fed back, or `no-ef`.
    ///
    /// @throws IllegalArgumentException for an unknown part; the message lists the known ones
    public static Compression parse(String text) {
        String[] parts = text.strip().split("\\+", -1);
        Codec codec = codec(parts[0]);
        OptionalDouble errorFeedback = OptionalDouble.empty();
        for (int i = 1; i < parts.length; i++) {
            errorFeedback = errorFeedback(parts[i]);
        }
        return new Compression(codec, errorFeedback);
    }

    private static Codec codec(String part) {
        return switch (part) {
            case "fp32" -> new Fp32();
            default -> throw new IllegalArgumentException("codec '" + part + "' is not known; known are fp32");
        };
    }

    private static OptionalDouble errorFeedback(String part) {
        if (part.equals("ef")) {
            return OptionalDouble.of(1);
        }
        if (part.equals("no-ef")) {
            return OptionalDouble.empty();
        }
        if (part.startsWith("ef:")) {
            try {
                return OptionalDouble.of(Double.parseDouble(part.substring(3)));
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException("codec: '" + part + "' has no number after ef:; 0.95 is customary", e);
            }
        }
        throw new IllegalArgumentException("codec: '" + part + "' is not known after a codec; known are ef, ef:BETA, no-ef");
    }

    /// What [#parse] turns into this compression.
    @Override
    public String toString() {
        return codec.text() + (errorFeedback.isPresent() ? "+ef:" + errorFeedback.getAsDouble() : "");
    }
}
