package tributary.model.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tributary.tensor.IntTensor;
import tributary.tensor.Shape;
import tributary.tensor.Tensor;

class SafetensorsTest {
    private static final byte[] NO_DATA = {};

    @TempDir
    Path folder;

    @Test
    void whatIsWrittenIsReadBackBitForBit() throws IOException {
        float[] strange = {0f, -0f, Float.MIN_VALUE, Float.NaN, Float.NEGATIVE_INFINITY, 1.1f, -3e38f, 2f};
        Tensor view = Tensor.of(strange, 2, 4).slice(1);
        Path file = folder.resolve("model.safetensors");
        new SafetensorsWriter()
                .add("a/weight \"quoted\" é", Tensor.of(strange, 2, 2, 2))
                .add("view", view)
                .add("scalar", Tensor.of(new float[] {7f}))
                .add("ids", IntTensor.of(new int[] {1, -1, Integer.MAX_VALUE, Integer.MIN_VALUE}, 4))
                .metadata("step", "12")
                .write(file);

        try (SafetensorsFile read = SafetensorsFile.open(file)) {
            assertThat(read.names()).containsExactlyInAnyOrder("a/weight \"quoted\" é", "view", "scalar", "ids");
            assertThat(read.metadata()).containsEntry("format", "pt").containsEntry("step", "12").hasSize(2);
            assertThat(read.shape("a/weight \"quoted\" é")).isEqualTo(Shape.of(2, 2, 2));
            assertThat(read.shape("scalar")).isEqualTo(Shape.of());
            assertThat(read.tensor("a/weight \"quoted\" é").toArray()).containsExactly(strange);
            assertThat(read.tensor("view").toArray()).containsExactly(view.toArray());
            assertThat(read.tensor("scalar").item()).isEqualTo(7f);
            assertThat(read.ints("ids").array()).containsExactly(1, -1, Integer.MAX_VALUE, Integer.MIN_VALUE);
        }
        try (RandomAccessFile raw = new RandomAccessFile(file.toFile(), "r")) {
            assertThat(Long.reverseBytes(raw.readLong()) % 8).isZero();
        }
    }

    @Test
    void tensorsLargerThanTheBufferAreWhole() throws IOException {
        int count = (1 << 18) * 2 + 3;
        float[] values = new float[count];
        int[] ids = new int[count];
        for (int i = 0; i < count; i++) {
            values[i] = i * 0.5f;
            ids[i] = -i;
        }
        Path file = folder.resolve("large.safetensors");
        new SafetensorsWriter().add("values", Tensor.of(values, count)).add("ids", IntTensor.of(ids, count)).write(file);
        try (SafetensorsFile read = SafetensorsFile.open(file)) {
            assertThat(Arrays.equals(read.tensor("values").toArray(), values)).isTrue();
            assertThat(Arrays.equals(read.ints("ids").array(), ids)).isTrue();
        }
    }

    @Test
    void readingFillsAView() throws IOException {
        Path file = folder.resolve("one.safetensors");
        new SafetensorsWriter().add("w", Tensor.of(new float[] {1, 2, 3}, 3)).write(file);
        Tensor whole = Tensor.zeros(3, 3);
        try (SafetensorsFile read = SafetensorsFile.open(file)) {
            read.readInto("w", whole.slice(1));
            assertThat(whole.toArray()).containsExactly(0, 0, 0, 1, 2, 3, 0, 0, 0);
            assertThatThrownBy(() -> read.readInto("w", whole)).isInstanceOf(FormatException.class)
                    .hasMessageContaining("one.safetensors").hasMessageContaining("tensor w").hasMessageContaining("(3)")
                    .hasMessageContaining("(3, 3)");
            assertThatThrownBy(() -> read.tensor("v")).isInstanceOf(FormatException.class).hasMessageContaining("no tensor v");
            assertThatThrownBy(() -> read.ints("w")).isInstanceOf(FormatException.class).hasMessageContaining("is F32");
        }
    }

    @Test
    void otherNumberTypesAreConverted() throws IOException {
        ByteBuffer data = ByteBuffer.allocate(16 + 4 + 4 + 8 + 8).order(ByteOrder.LITTLE_ENDIAN);
        data.putDouble(1.5).putDouble(-2e10);
        data.putShort((short) 0x3C00).putShort((short) 0xC100);
        data.putShort((short) 0x3F80).putShort((short) 0xC0A0);
        data.putInt(5).putInt(-6);
        data.putLong(1L << 40);
        Path file = raw("""
                {"d":{"dtype":"F64","shape":[2],"data_offsets":[0,16]},
                 "h":{"dtype":"F16","shape":[2],"data_offsets":[16,20]},
                 "b":{"dtype":"BF16","shape":[2,1],"data_offsets":[20,24]},
                 "i":{"dtype":"I32","shape":[2],"data_offsets":[24,32]},
                 "l":{"dtype":"I64","shape":[],"data_offsets":[32,40]},
                 "empty":{"dtype":"U8","shape":[0,3],"data_offsets":[40,40]}}""", data.array());
        try (SafetensorsFile read = SafetensorsFile.open(file)) {
            assertThat(read.tensor("d").toArray()).containsExactly(1.5f, -2e10f);
            assertThat(read.tensor("h").toArray()).containsExactly(1f, -2.5f);
            assertThat(read.tensor("b").toArray()).containsExactly(1f, -5f);
            assertThat(read.ints("i").array()).containsExactly(5, -6);
            assertThatThrownBy(() -> read.ints("l")).hasMessageContaining("tensor l").hasMessageContaining("1099511627776");
            assertThatThrownBy(() -> read.tensor("i")).hasMessageContaining("is I32");
            assertThatThrownBy(() -> read.shape("empty")).isInstanceOf(FormatException.class).hasMessageContaining("0 elements");
        }
    }

    /// Each header stands before eight bytes of data.
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,12]}} | span 12",
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,12]}} | cut off",
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}} | 4 bytes follow the last tensor",
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}} | a gap",
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},\"v\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}} | overlap",
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[-2],\"data_offsets\":[0,8]}} | -2",
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[2.0],\"data_offsets\":[0,8]}} | 2.0",
        "{\"w\":{\"dtype\":\"F32\",\"shape\":2,\"data_offsets\":[0,8]}} | shape is missing or not an array",
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[2]}} | data_offsets is missing",
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,0]}} | not a begin and an end",
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4,8]}} | not a begin and an end",
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[9223372036854775800,9223372036854775800]}} | leave the file",
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[9223372036854775807,2],\"data_offsets\":[0,8]}} | more elements than can be counted",
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[99999999999999999999],\"data_offsets\":[0,8]}} | no whole number",
        "{\"w\":{\"dtype\":\"F99\",\"shape\":[2],\"data_offsets\":[0,8]}} | unknown dtype F99",
        "{\"w\":{\"shape\":[2],\"data_offsets\":[0,8]}} | dtype is missing",
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},\"w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}} | Duplicate",
        "{\"w\":7} | dtype is missing",
        "{\"__metadata__\":{\"a\":1}} | __metadata__.a is not a string",
        "{\"__metadata__\":[]} | __metadata__ is not an object",
        "[1] | a JSON object is wanted",
        "{\"w\": | not valid JSON",
        "{} {} | not valid JSON",
    })
    void unsoundHeadersAreRefusedAtTheDoor(String header, String complaint) throws IOException {
        Path file = raw(header, new byte[8]);
        assertThatThrownBy(() -> SafetensorsFile.open(file)).isInstanceOf(FormatException.class)
                .hasMessageContaining("raw.safetensors").hasMessageContaining(complaint);
    }

    @Test
    void fileLengthsAreChecked() throws IOException {
        Path file = folder.resolve("raw.safetensors");
        Files.write(file, NO_DATA);
        assertThatThrownBy(() -> SafetensorsFile.open(file)).isInstanceOf(FormatException.class)
                .hasMessageContaining("0 bytes are too few");
        for (long length : new long[] {0, 3, 1L << 40, -1}) {
            Files.write(file,
                    ByteBuffer.allocate(10).order(ByteOrder.LITTLE_ENDIAN).putLong(length).put((byte) '{').put((byte) '}').array());
            assertThatThrownBy(() -> SafetensorsFile.open(file)).isInstanceOf(FormatException.class)
                    .hasMessageContaining("raw.safetensors").hasMessageContaining(Long.toUnsignedString(length));
        }
        assertThatThrownBy(() -> SafetensorsFile.open(folder.resolve("none"))).isInstanceOf(FormatException.class)
                .hasMessageContaining("no such file");
        assertThatThrownBy(() -> SafetensorsFile.open(folder)).isInstanceOf(FormatException.class).hasMessageContaining("folder");
    }

    /// Wherever a sound file is cut, opening it fails cleanly.
    @Test
    void everyTruncationIsNoticed() throws IOException {
        Path file = folder.resolve("whole.safetensors");
        new SafetensorsWriter().add("w", Tensor.zeros(5)).add("v", Tensor.zeros(2, 2)).write(file);
        byte[] whole = Files.readAllBytes(file);
        Path cut = folder.resolve("cut.safetensors");
        for (int length = 0; length < whole.length; length++) {
            Files.write(cut, Arrays.copyOf(whole, length));
            assertThatThrownBy(() -> SafetensorsFile.open(cut)).as("length %d", length).isInstanceOf(FormatException.class);
        }
    }

    @Test
    void aNameIsGivenOnce() {
        SafetensorsWriter writer = new SafetensorsWriter().add("w", Tensor.zeros(1));
        assertThatThrownBy(() -> writer.add("w", IntTensor.zeros(1))).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("w");
        assertThatThrownBy(() -> writer.add("__metadata__", Tensor.zeros(1))).isInstanceOf(IllegalArgumentException.class);
    }

    private Path raw(String header, byte[] data) throws IOException {
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        ByteBuffer bytes = ByteBuffer.allocate(8 + json.length + data.length).order(ByteOrder.LITTLE_ENDIAN);
        Path file = folder.resolve("raw.safetensors");
        Files.write(file, bytes.putLong(json.length).put(json).put(data).array());
        return file;
    }
}
