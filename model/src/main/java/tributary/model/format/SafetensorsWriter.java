package tributary.model.format;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tributary.model.json.JsonFile;
import tributary.tensor.IntTensor;
import tributary.tensor.Shape;
import tributary.tensor.Tensor;

/// Collects tensors by name and writes them as one safetensors file: numbers as F32, ids as I64.
/// Source: github.com/huggingface/safetensors, "Format".
///
/// Only references are kept: the numbers go from the tensors' own arrays to the file through one small buffer, as they
/// are when [#write] is called. The metadata says `format: pt`, as PyTorch's readers ask for.
public final class SafetensorsWriter {
    private static final int BUFFER_BYTES = 1 << 20;

    private final Map<String, Tensor> numbers = new LinkedHashMap<>();
    private final Map<String, IntTensor> ids = new LinkedHashMap<>();
    private final Map<String, String> metadata = new LinkedHashMap<>();

    public SafetensorsWriter() {
        metadata.put("format", "pt");
    }

    /// @throws IllegalArgumentException where the name is taken
    public SafetensorsWriter add(String name, Tensor tensor) {
        checkName(name);
        numbers.put(name, tensor);
        return this;
    }

    /// @throws IllegalArgumentException where the name is taken
    public SafetensorsWriter add(String name, IntTensor tensor) {
        checkName(name);
        ids.put(name, tensor);
        return this;
    }

    /// Adds a line of free text; replaces an earlier one under the same key.
    public SafetensorsWriter metadata(String key, String value) {
        metadata.put(key, value);
        return this;
    }

    /// Replaces the file as a whole, or leaves it as it was.
    public void write(Path path) throws IOException {
        DurableFile.write(path, this::writeTo);
    }

    private void checkName(String name) {
        if (name.equals(SafetensorsHeader.METADATA) || numbers.containsKey(name) || ids.containsKey(name)) {
            throw new IllegalArgumentException("safetensors: the name " + name + " is taken");
        }
    }

    /// Ids stand before numbers: then every element lies at a multiple of its own size, in whatever order they were added.
    private void writeTo(FileChannel channel) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        byte[] header = header();
        writeAll(channel, ByteBuffer.allocate(SafetensorsHeader.LENGTH_BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(header.length).flip());
        writeAll(channel, ByteBuffer.wrap(header));
        for (IntTensor tensor : ids.values()) {
            int room = BUFFER_BYTES / Long.BYTES;
            for (int from = 0; from < tensor.elements(); from += room) {
                int count = Math.min(room, tensor.elements() - from);
                for (int i = 0; i < count; i++) {
                    buffer.putLong(tensor.array()[from + i]);
                }
                writeAll(channel, buffer.flip());
                buffer.clear();
            }
        }
        for (Tensor tensor : numbers.values()) {
            int room = BUFFER_BYTES / Float.BYTES;
            for (int from = 0; from < tensor.elements(); from += room) {
                int count = Math.min(room, tensor.elements() - from);
                buffer.asFloatBuffer().put(tensor.array(), tensor.offset() + from, count);
                writeAll(channel, buffer.limit(count * Float.BYTES));
                buffer.clear();
            }
        }
    }

    /// The JSON header, filled up with spaces to a multiple of eight bytes.
    private byte[] header() {
        ObjectNode root = JsonFile.object();
        ObjectNode texts = root.putObject(SafetensorsHeader.METADATA);
        metadata.forEach(texts::put);
        long offset = 0;
        for (Map.Entry<String, IntTensor> entry : ids.entrySet()) {
            offset = describe(root.putObject(entry.getKey()), TensorType.I64, entry.getValue().shape(), offset);
        }
        for (Map.Entry<String, Tensor> entry : numbers.entrySet()) {
            offset = describe(root.putObject(entry.getKey()), TensorType.F32, entry.getValue().shape(), offset);
        }
        byte[] json = JsonFile.compact(root);
        byte[] padded = new byte[(json.length + 7) / 8 * 8];
        Arrays.fill(padded, (byte) ' ');
        System.arraycopy(json, 0, padded, 0, json.length);
        return padded;
    }

    private static long describe(ObjectNode node, TensorType type, Shape shape, long offset) {
        long end = offset + (long) shape.elements() * type.bytes();
        node.put("dtype", type.name());
        ArrayNode sizes = node.putArray("shape");
        for (int axis = 0; axis < shape.rank(); axis++) {
            sizes.add(shape.size(axis));
        }
        node.putArray("data_offsets").add(offset).add(end);
        return end;
    }

    private static void writeAll(FileChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }
}
