package tributary.model.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntConsumer;

/// A sequence of token ids that does not change: in memory, in one, two or four bytes per token, as the vocabulary needs, or
/// in files that are mapped, so that more of them can be read than memory holds.
public final class Tokens {

    private sealed interface Ids {
        record Bytes(byte[] ids) implements Ids {}

        record Chars(char[] ids) implements Ids {}

        record Ints(int[] ids) implements Ids {}

        /// @param ends how many tokens there are up to the end of each
        record Shards(List<TokenShard> shards, long[] ends) implements Ids {
            /// The shard a token is in.
            int of(long index) {
                int found = Arrays.binarySearch(ends, index + 1);
                return found < 0 ? -found - 1 : found;
            }

            long start(int shard) {
                return shard == 0 ? 0 : ends[shard - 1];
            }
        }
    }

    private final Ids ids;
    private final long size;
    private final int vocabulary;

    private Tokens(Ids ids, long size, int vocabulary) {
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

    /// The tokens of files, one after the other; none of the files is empty.
    static Tokens of(int vocabulary, List<TokenShard> shards) {
        long[] ends = new long[shards.size()];
        long size = 0;
        for (int i = 0; i < ends.length; i++) {
            size += shards.get(i).size();
            ends[i] = size;
        }
        return new Tokens(new Ids.Shards(List.copyOf(shards), ends), size, vocabulary);
    }

    /// Tokens of one vocabulary, one after the other; those of files stay there, as long as all are.
    static Tokens joined(List<Tokens> parts) {
        int vocabulary = parts.getFirst().vocabulary;
        List<TokenShard> shards = new ArrayList<>();
        for (Tokens part : parts) {
            if (part.ids instanceof Ids.Shards files) {
                shards.addAll(files.shards);
            } else {
                return copied(vocabulary, parts);
            }
        }
        return of(vocabulary, shards);
    }

    private static Tokens copied(int vocabulary, List<Tokens> parts) {
        Builder joined = new Builder(vocabulary);
        for (Tokens part : parts) {
            for (long i = 0; i < part.size; i++) {
                joined.accept(part.get(i));
            }
        }
        return joined.build();
    }

    public long size() {
        return size;
    }

    /// V: every id is less.
    public int vocabulary() {
        return vocabulary;
    }

    public int get(long index) {
        if (index < 0 || index >= size) {
            throw new IndexOutOfBoundsException("tokens: " + index + " of " + size);
        }
        return switch (ids) {
            case Ids.Bytes bytes -> Byte.toUnsignedInt(bytes.ids[(int) index]);
            case Ids.Chars chars -> chars.ids[(int) index];
            case Ids.Ints ints -> ints.ids[(int) index];
            case Ids.Shards shards -> {
                int shard = shards.of(index);
                yield shards.shards.get(shard).get(index - shards.start(shard));
            }
        };
    }

    /// Writes `count` ids, from place `from`, to `target[at]` and on.
    public void copy(long from, int count, int[] target, int at) {
        if (from < 0 || count < 0 || count > size - from) {
            throw new IndexOutOfBoundsException("tokens: " + count + " from " + from + " of " + size);
        }
        int start = (int) from; // what is in memory is in one array
        switch (ids) {
            case Ids.Bytes bytes -> {
                for (int i = 0; i < count; i++) {
                    target[at + i] = Byte.toUnsignedInt(bytes.ids[start + i]);
                }
            }
            case Ids.Chars chars -> {
                for (int i = 0; i < count; i++) {
                    target[at + i] = chars.ids[start + i];
                }
            }
            case Ids.Ints ints -> System.arraycopy(ints.ids, start, target, at, count);
            case Ids.Shards shards -> {
                int done = 0;
                for (int shard = count == 0 ? 0 : shards.of(from); done < count; shard++) {
                    long inside = from + done - shards.start(shard);
                    int here = (int) Math.min(count - done, shards.ends[shard] - from - done);
                    shards.shards.get(shard).copy(inside, here, target, at + done);
                    done += here;
                }
            }
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
                    throw new IllegalStateException("tokens: more than " + LONGEST
                            + " do not fit one array; prepare the text with tributary tokenize and train on the tokens, or take less");
                }
                resize((int) Math.min(LONGEST, room * 3L / 2));
            }
            switch (ids) {
                case Ids.Bytes bytes -> bytes.ids[size] = (byte) id;
                case Ids.Chars chars -> chars.ids[size] = (char) id;
                case Ids.Ints ints -> ints.ids[size] = id;
                case Ids.Shards _ -> throw new AssertionError("a builder writes into memory");
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
                case Ids.Shards shards -> shards;
            };
            room = to;
        }
    }
}
