package tributary.model.data;

import java.util.function.ToIntFunction;

/// How long documents are cut into pieces.
///
/// @param longest bytes of a document that is not cut; a piece is longer only where it has no place to be cut
/// @param last the last place at which a text of which more follows may be cut; 0 where there is none
record Cutting(int longest, ToIntFunction<String> last) {
    private static final ToIntFunction<String> NOWHERE = _ -> 0;
    private static final int PIECE = 1 << 24;

    /// Documents come whole; what is longer than an array is refused.
    static final Cutting NEVER = whole(Integer.MAX_VALUE - 8);

    static Cutting whole(int longest) {
        return new Cutting(longest, NOWHERE);
    }

    static Cutting at(ToIntFunction<String> last) {
        return new Cutting(PIECE, last);
    }

    boolean isNever() {
        return last == NOWHERE;
    }
}
