package tributary.model.format;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import tributary.tensor.IntTensor;
import tributary.tensor.Shape;
import tributary.tensor.Tensor;

/// A safetensors file, opened for reading: named tensors behind a JSON header, little-endian, row-major.
/// Source: github.com/huggingface/safetensors, "Format".
///
/// The file is mapped into memory, not copied. Opening checks the whole header: lengths, types, shapes against byte
/// ranges, and that the tensors fill the file without overlap or gap. Numbers in F64, F32, F16 and BF16 are read as
/// float32, ids in I64 and I32 as `int`; other types may be present but not read.
public final class SafetensorsFile implements AutoCloseable {
    private static final ByteOrder ORDER = ByteOrder.LITTLE_ENDIAN;
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ORDER);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ORDER);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ORDER);
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ORDER);
    private static final ValueLayout.OfDouble DOUBLE = ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ORDER);

    private final Path path;
    private final Arena arena;
    private final MemorySegment bytes;
    private final SafetensorsHeader header;

    private SafetensorsFile(Path path, Arena arena, MemorySegment bytes, SafetensorsHeader header) {
        this.path = path;
        this.arena = arena;
        this.bytes = bytes;
        this.header = header;
    }

    /// @throws FormatException where the file is missing or its header is not sound
    public static SafetensorsFile open(Path path) throws IOException {
        if (Files.isDirectory(path)) {
            throw new FormatException(path + ": a safetensors file is wanted, this is a folder");
        }
        Arena arena = Arena.ofShared();
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            MemorySegment bytes = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
            return new SafetensorsFile(path, arena, bytes, SafetensorsHeader.read(bytes, path.toString()));
        } catch (NoSuchFileException missing) {
            arena.close();
            throw new FormatException(path + ": there is no such file", missing);
        } catch (Throwable failure) {
            arena.close();
            throw failure;
        }
    }

    public Path path() {
        return path;
    }

    /// The tensors' names, in the order of the header.
    public Set<String> names() {
        return header.entries().keySet();
    }

    /// Free text by key, for example `format` -> `pt`.
    public Map<String, String> metadata() {
        return header.metadata();
    }

    /// @throws FormatException where there is no such tensor, or it is empty or larger than an array can be
    public Shape shape(String name) throws FormatException {
        return shape(entry(name));
    }

    /// A new tensor with the numbers of the named one, as float32.
    ///
    /// @throws FormatException where there is no such tensor or it does not hold numbers
    public Tensor tensor(String name) throws FormatException {
        Tensor tensor = Tensor.zeros(shape(name));
        readInto(name, tensor);
        return tensor;
    }

    /// Fills `target`, of the same shape, with the numbers of the named tensor, as float32.
    ///
    /// @throws FormatException where there is no such tensor, it has another shape, or it does not hold numbers
    public void readInto(String name, Tensor target) throws FormatException {
        SafetensorsHeader.Entry entry = requireNumbers(name, target.shape());
        MemorySegment source = bytes.asSlice(entry.offset(), entry.end() - entry.offset());
        float[] values = target.array();
        int first = target.offset();
        int count = target.elements();
        switch (entry.type()) {
            case F32 -> MemorySegment.copy(source, FLOAT, 0, values, first, count);
            case F64 -> {
                for (int i = 0; i < count; i++) {
                    values[first + i] = (float) source.get(DOUBLE, 8L * i);
                }
            }
            case F16 -> {
                for (int i = 0; i < count; i++) {
                    values[first + i] = Float.float16ToFloat(source.get(SHORT, 2L * i));
                }
            }
            case BF16 -> {
                for (int i = 0; i < count; i++) {
                    values[first + i] = Float.intBitsToFloat(source.get(SHORT, 2L * i) << 16);
                }
            }
            default -> throw new AssertionError(entry.type());
        }
    }

    /// A new tensor with the whole numbers of the named one.
    ///
    /// @throws FormatException where there is no such tensor, it does not hold ids, or one does not fit an `int`
    public IntTensor ints(String name) throws FormatException {
        SafetensorsHeader.Entry entry = entry(name);
        requireKind(entry, TensorType.Kind.IDS, "I64 or I32");
        Shape shape = shape(entry);
        int[] values = new int[shape.elements()];
        if (entry.type() == TensorType.I32) {
            MemorySegment.copy(bytes, INT, entry.offset(), values, 0, values.length);
        } else {
            for (int i = 0; i < values.length; i++) {
                long value = bytes.get(LONG, entry.offset() + 8L * i);
                if (value != (int) value) {
                    throw new FormatException(
                            path + ": tensor " + name + ": element " + i + " is " + value + ", which does not fit 32 bits");
                }
                values[i] = (int) value;
            }
        }
        return new IntTensor(values, shape);
    }

    /// Gives the mapping back. Tensors that were read stay.
    @Override
    public void close() {
        arena.close();
    }

    /// Checks all that [#readInto] asks for, without reading.
    SafetensorsHeader.Entry requireNumbers(String name, Shape wanted) throws FormatException {
        SafetensorsHeader.Entry entry = entry(name);
        requireKind(entry, TensorType.Kind.NUMBERS, "F64, F32, F16 or BF16");
        Shape shape = shape(entry);
        if (!shape.equals(wanted)) {
            throw new FormatException(path + ": tensor " + name + " has shape " + shape + ", wanted is " + wanted);
        }
        return entry;
    }

    private SafetensorsHeader.Entry entry(String name) throws FormatException {
        SafetensorsHeader.Entry entry = header.entries().get(name);
        if (entry == null) {
            throw new FormatException(path + ": there is no tensor " + name + " among its " + header.entries().size());
        }
        return entry;
    }

    private Shape shape(SafetensorsHeader.Entry entry) throws FormatException {
        if (entry.elements() < 1 || entry.elements() > Integer.MAX_VALUE - 8) {
            throw new FormatException(path + ": tensor " + entry.name() + " " + Arrays.toString(entry.sizes()) + " has "
                    + entry.elements() + " elements; a tensor has 1 to 2^31 - 9");
        }
        return Shape.of(Arrays.stream(entry.sizes()).mapToInt(Math::toIntExact).toArray());
    }

    private void requireKind(SafetensorsHeader.Entry entry, TensorType.Kind kind, String wanted) throws FormatException {
        if (entry.type().kind() != kind) {
            throw new FormatException(path + ": tensor " + entry.name() + " is " + entry.type() + ", wanted is " + wanted);
        }
    }
}
