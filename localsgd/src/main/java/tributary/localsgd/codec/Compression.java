package tributary.localsgd.codec;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/// A codec, with or without error feedback: what a run's setting `codec` says.
///
/// @param codec what numbers are sent as
/// @param errorFeedback beta, in (0, 1]: the share of what a message left out that is added to the next one; empty where
///        it is forgotten
public record Compression(Codec codec, OptionalDouble errorFeedback) {
    static final String DENSE = "fp32, bf16, fp16, int8, int8-codebook, int4, fp4, 2bit, sign";

    /// The texts that [#parse] knows, for people.
    public static final String SYNTAX = DENSE + ", bf16:nearest, int8:stochastic, int4:stochastic, fp4:stochastic, "
            + "topk:SHARE, topk:K/CHUNK, randomk:SHARE, randomk:K/CHUNK, the last four perhaps with a codec for what they keep "
            + "(topk:32/4096+2bit), dct:CHUNK+ before any of these, +ef:BETA or +no-ef after it";

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

    /// The compression that a text describes: parts joined by `+`.
    ///
    /// - perhaps `dct:CHUNK`;
    /// - a codec, by the name in its documentation; `bf16` rounds stochastically, `int8`, `int4` and `fp4` to the nearest, where
    ///   `:nearest` or `:stochastic` does not say otherwise;
    /// - after `topk` or `randomk`, perhaps a codec for the numbers that are kept, else `fp32`;
    /// - perhaps `ef:BETA`, `ef` (beta 1) or `no-ef`; else `ef` after `topk`, `randomk` and `sign`, `no-ef` after the others.
    ///
    /// @throws IllegalArgumentException for an unknown part; the message lists the known ones
    public static Compression parse(String text) {
        List<String> parts = new ArrayList<>(List.of(text.strip().split("\\+", -1)));
        String last = parts.getLast();
        if (parts.size() == 1 || !last.matches("ef|ef:.*|no-ef")) {
            Codec codec = codec(parts, false);
            return new Compression(codec, standardFeedback(codec));
        }
        parts.removeLast();
        return new Compression(codec(parts, last.equals("no-ef")), errorFeedback(last));
    }

    private static OptionalDouble standardFeedback(Codec codec) {
        return codec.wantsErrorFeedback() ? OptionalDouble.of(1) : OptionalDouble.empty();
    }

    /// @param forgetful whether errors are forgotten, so that a random choice must be right on average
    private static Codec codec(List<String> parts, boolean forgetful) {
        String first = parts.getFirst();
        if (first.startsWith("dct:") && parts.size() > 1) {
            return new Dct(chunk(first), codec(parts.subList(1, parts.size()), forgetful));
        }
        boolean top = first.startsWith("topk:");
        boolean random = first.startsWith("randomk:");
        if (parts.size() > (top || random ? 2 : 1)) {
            throw new IllegalArgumentException("codec: '" + parts.getLast() + "' is not known after " + parts.get(parts.size() - 2)
                    + "; known are ef, ef:BETA and no-ef, and after topk or randomk one of " + DENSE);
        }
        if (!top && !random) {
            return dense(first);
        }
        Kept kept = Kept.parse(first.substring(first.indexOf(':') + 1));
        Codec values = parts.size() == 1 ? new Fp32() : dense(parts.getLast());
        return top ? new TopK(kept, values) : new RandomK(kept, forgetful, values);
    }

    private static int chunk(String part) {
        try {
            return Integer.parseInt(part.substring("dct:".length()));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("codec: '" + part + "' has no length of a chunk after dct:; 64 is customary", e);
        }
    }

    private static Codec dense(String text) {
        return switch (text) {
            case "fp32" -> new Fp32();
            case "bf16" -> new Bf16(Rounding.STOCHASTIC);
            case "bf16:nearest" -> new Bf16(Rounding.NEAREST);
            case "fp16" -> new Fp16();
            case "int8" -> new BlockInteger(8, Rounding.NEAREST);
            case "int8:stochastic" -> new BlockInteger(8, Rounding.STOCHASTIC);
            case "int8-codebook" -> new Codebook(8);
            case "int4" -> new BlockInteger(4, Rounding.NEAREST);
            case "int4:stochastic" -> new BlockInteger(4, Rounding.STOCHASTIC);
            case "fp4" -> new Fp4(Rounding.NEAREST);
            case "fp4:stochastic" -> new Fp4(Rounding.STOCHASTIC);
            case "2bit" -> new Codebook(2);
            case "sign" -> new Sign();
            default -> throw new IllegalArgumentException("codec '" + text + "' is not known; use " + SYNTAX);
        };
    }

    private static OptionalDouble errorFeedback(String part) {
        if (part.equals("no-ef")) {
            return OptionalDouble.empty();
        }
        if (part.equals("ef")) {
            return OptionalDouble.of(1);
        }
        try {
            return OptionalDouble.of(Double.parseDouble(part.substring("ef:".length())));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("codec: '" + part + "' has no number after ef:; 0.95 is customary", e);
        }
    }

    /// What [#parse] turns into this compression.
    @Override
    public String toString() {
        if (errorFeedback.equals(standardFeedback(codec))) {
            return codec.text();
        }
        if (errorFeedback.isEmpty()) {
            return codec.text() + "+no-ef";
        }
        return codec.text() + "+ef:" + new BigDecimal(Double.toString(errorFeedback.getAsDouble())).stripTrailingZeros().toPlainString();
    }
}
