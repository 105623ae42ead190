package tributary.model.format;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import tributary.model.json.JsonFile;

/// The table of contents of a safetensors file, checked against the file's length.
///
/// @param entries by name, in the order of the header
/// @param metadata free text by key
record SafetensorsHeader(Map<String, Entry> entries, Map<String, String> metadata) {
    static final String METADATA = "__metadata__";
    static final int LENGTH_BYTES = 8;

    private static final long LONGEST = 100_000_000;
    private static final ValueLayout.OfLong LENGTH = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /// One tensor.
    ///
    /// @param offset of its first byte in the file
    /// @param elements the product of the sizes
    record Entry(String name, TensorType type, long[] sizes, long offset, long elements) {
        long end() {
            return offset + elements * type.bytes();
        }
    }

    /// Reads and checks the header of a mapped file.
    static SafetensorsHeader read(MemorySegment file, String place) throws FormatException {
        if (file.byteSize() < LENGTH_BYTES) {
            throw new FormatException(place + ": not a safetensors file: " + file.byteSize() + " bytes are too few for a header");
        }
        long length = file.get(LENGTH, 0);
        if (length < 2 || length > LONGEST || length > file.byteSize() - LENGTH_BYTES) {
            throw new FormatException(place + ": not a safetensors file, or cut off: it announces a header of "
                    + Long.toUnsignedString(length) + " bytes and has " + (file.byteSize() - LENGTH_BYTES) + " bytes for it");
        }
        ObjectNode root = JsonFile.parse(file.asSlice(LENGTH_BYTES, length).toArray(ValueLayout.JAVA_BYTE), place + ": header");
        Map<String, Entry> entries = new LinkedHashMap<>();
        Map<String, String> metadata = new LinkedHashMap<>();
        long data = LENGTH_BYTES + length;
        for (Map.Entry<String, JsonNode> property : root.properties()) {
            if (property.getKey().equals(METADATA)) {
                readMetadata(property.getValue(), metadata, place);
            } else {
                String where = place + ": tensor " + property.getKey();
                entries.put(property.getKey(), entry(property.getKey(), property.getValue(), data, where));
            }
        }
        checkCoverage(new ArrayList<>(entries.values()), data, file.byteSize(), place);
        return new SafetensorsHeader(Collections.unmodifiableMap(entries), Collections.unmodifiableMap(metadata));
    }

    private static void readMetadata(JsonNode node, Map<String, String> metadata, String place) throws FormatException {
        if (!node.isObject()) {
            throw new FormatException(place + ": header: " + METADATA + " is not an object");
        }
        for (Map.Entry<String, JsonNode> property : node.properties()) {
            if (!property.getValue().isString()) {
                throw new FormatException(place + ": header: " + METADATA + "." + property.getKey() + " is not a string");
            }
            metadata.put(property.getKey(), property.getValue().stringValue());
        }
    }

    private static Entry entry(String name, JsonNode node, long data, String where) throws FormatException {
        JsonNode typeName = node.path("dtype");
        if (!typeName.isString()) {
            throw new FormatException(where + ": dtype is missing or not a string");
        }
        TensorType type = TensorType.named(typeName.stringValue())
                .orElseThrow(() -> new FormatException(where + ": unknown dtype " + typeName.stringValue()));
        long[] sizes = longs(node.path("shape"), where + ": shape");
        long[] offsets = longs(node.path("data_offsets"), where + ": data_offsets");
        if (offsets.length != 2 || offsets[0] > offsets[1]) {
            throw new FormatException(where + ": data_offsets " + Arrays.toString(offsets) + " are not a begin and an end");
        }
        long elements = 1;
        try {
            for (long size : sizes) {
                elements = Math.multiplyExact(elements, size);
            }
            if (Math.multiplyExact(elements, (long) type.bytes()) != offsets[1] - offsets[0]) {
                throw new FormatException(where + ": " + type + " " + Arrays.toString(sizes) + " takes " + elements * type.bytes()
                        + " bytes, its data_offsets span " + (offsets[1] - offsets[0]));
            }
        } catch (ArithmeticException overflow) {
            throw new FormatException(where + ": shape " + Arrays.toString(sizes) + " has more elements than can be counted", overflow);
        }
        // The longest header is far below 2^63 and no file is near it, so this sum overflows only for an absurd offset.
        if (offsets[1] > Long.MAX_VALUE - data) {
            throw new FormatException(where + ": data_offsets " + Arrays.toString(offsets) + " leave the file");
        }
        return new Entry(name, type, sizes, data + offsets[0], elements);
    }

    private static long[] longs(JsonNode node, String where) throws FormatException {
        if (!node.isArray()) {
            throw new FormatException(where + " is missing or not an array");
        }
        long[] values = new long[node.size()];
        for (int i = 0; i < values.length; i++) {
            JsonNode value = node.get(i);
            if (!value.isIntegralNumber() || !value.canConvertToLong() || value.longValue() < 0) {
                throw new FormatException(where + " holds " + value + ", which is no whole number >= 0");
            }
            values[i] = value.longValue();
        }
        return values;
    }

    /// The format wants the tensors to fill the rest of the file exactly: no overlap, no gap, nothing behind the last.
    private static void checkCoverage(List<Entry> entries, long data, long size, String place) throws FormatException {
        entries.sort(Comparator.comparingLong(Entry::offset).thenComparingLong(Entry::end));
        long end = data;
        String before = "the header";
        for (Entry entry : entries) {
            if (entry.end() > size) {
                throw new FormatException(place + ": tensor " + entry.name() + " ends at byte " + entry.end() + ", the file at byte "
                        + size + "; it is cut off or corrupt");
            }
            if (entry.offset() != end) {
                throw new FormatException(place + ": tensor " + entry.name() + " starts at byte " + entry.offset() + ", but " + before
                        + " ends at byte " + end + (entry.offset() < end ? ": they overlap" : ": a gap is between them"));
            }
            end = entry.end();
            before = "tensor " + entry.name();
        }
        if (end != size) {
            throw new FormatException(place + ": " + (size - end) + " bytes follow the last tensor, which ends at byte " + end);
        }
    }
}
