package tributary.model.data;

import java.util.Arrays;
import java.util.List;
import java.util.function.IntConsumer;

/// A sequence of token ids that does not change, kept in one, two or four bytes per token, as the vocabulary needs.
public final class Tokens {

    private sealed interface Ids {
        record Bytes(byte[] ids) implements Ids {}

        record Chars(char[] ids) implements Ids {}

        record Ints(int[] ids) implements Ids {}
    }

    private final Ids ids;
    private final int size;
    private final int vocabulary;

    private Tokens(Ids ids, int size, int vocabulary) {
        this.ids = ids;
        this.size = size;
        this.vocabulary = vocabulary;
    }

    /// The given ids.
    ///
    /// @throws IllegalArgumentException where one is not in [0, vocabulary)
    public static Tokens of(int vocabulary, int... ids) {
        Builder builder = new Builder(vocabulary);
        for (int id : ids) {
            builder.accept(id);
        }
        return builder.build();
    }

    public int size() {
        return size;
    }

    /// V: every id is less.
    public int vocabulary() {
        return vocabulary;
    }

    public int get(int index) {
        if (index < 0 || index >= size) {
            throw new IndexOutOfBoundsException("tokens: " + index + " of " + size);
        }
        return switch (ids) {
            case Ids.Bytes bytes -> Byte.toUnsignedInt(bytes.ids[index]);
            case Ids.Chars chars -> chars.ids[index];
            case Ids.Ints ints -> ints.ids[index];
        };
    }

    /// Writes `count` ids, from place `from`, to `target[at]` and on.
    public void copy(int from, int count, int[] target, int at) {
        if (from < 0 || count < 0 || count > size - from) {
            throw new IndexOutOfBoundsException("tokens: " + count + " from " + from + " of " + size);
        }
        switch (ids) {
            case Ids.Bytes bytes -> {
                for (int i = 0; i < count; i++) {
                    target[at + i] = Byte.toUnsignedInt(bytes.ids[from + i]);
                }
            }
            case Ids.Chars chars -> {
                for (int i = 0; i < count; i++) {
                    target[at + i] = chars.ids[from + i];
                }
            }
            case Ids.Ints ints -> System.arraycopy(ints.ids, from, target, at, count);
        }
    }

    /// Some of its sections, one after the other.
    Tokens join(List<Section> sections) {
        Builder joined = new Builder(vocabulary);
        for (Section section : sections) {
            for (int i = section.from(); i < section.to(); i++) {
                joined.accept(get(i));
            }
        }
        return joined.build();
    }

    /// Takes ids one after the other.
    public static final class Builder implements IntConsumer {
        private static final int LONGEST = Integer.MAX_VALUE - 8;

        private final int vocabulary;
        private Ids ids;
        private int size;
        private int room = 1024;

        /// @throws IllegalArgumentException where `vocabulary` is not positive
        public Builder(int vocabulary) {
            if (vocabulary < 1) {
                throw new IllegalArgumentException("tokens: vocabulary " + vocabulary + " is not positive");
            }
            this.vocabulary = vocabulary;
            this.ids = vocabulary <= 1 << Byte.SIZE ? new Ids.Bytes(new byte[room])
                    : vocabulary <= 1 << Character.SIZE ? new Ids.Chars(new char[room]) : new Ids.Ints(new int[room]);
        }

        /// @throws IllegalArgumentException where the id is not in [0, vocabulary)
        @Override
        public void accept(int id) {
            if (id < 0 || id >= vocabulary) {
                throw new IllegalArgumentException("tokens: id " + id + " is not in the vocabulary of " + vocabulary);
            }
            if (size == room) {
                if (size == LONGEST) {
                    throw new IllegalStateException("tokens: more than " + LONGEST + " do not fit one array; take less text");
                }
                resize((int) Math.min(LONGEST, room * 3L / 2));
            }
            switch (ids) {
                case Ids.Bytes bytes -> bytes.ids[size] = (byte) id;
                case Ids.Chars chars -> chars.ids[size] = (char) id;
                case Ids.Ints ints -> ints.ids[size] = id;
            }
            size++;
        }

        /// How many it has taken.
        int size() {
            return size;
        }

        /// The ids so far. The builder is spent.
        public Tokens build() {
            resize(size);
            return new Tokens(ids, size, vocabulary);
        }

        private void resize(int to) {
            ids = switch (ids) {
                case Ids.Bytes bytes -> new Ids.Bytes(Arrays.copyOf(bytes.ids, to));
                case Ids.Chars chars -> new Ids.Chars(Arrays.copyOf(chars.ids, to));
                case Ids.Ints ints -> new Ids.Ints(Arrays.copyOf(ints.ids, to));
            };
            room = to;
        }
    }
}
