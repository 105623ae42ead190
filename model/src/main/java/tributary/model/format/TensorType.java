package tributary.model.format;

import java.util.Optional;

/// The element types of a safetensors file that fill whole bytes. Numbers and ids can be read; of the opaque types only
/// the size is known.
enum TensorType {
    F64(8, Kind.NUMBERS), F32(4, Kind.NUMBERS), F16(2, Kind.NUMBERS), BF16(2, Kind.NUMBERS), I64(8, Kind.IDS), I32(4, Kind.IDS), U64(8,
            Kind.OPAQUE), U32(4, Kind.OPAQUE), I16(2, Kind.OPAQUE), U16(2, Kind.OPAQUE), I8(1, Kind.OPAQUE), U8(1, Kind.OPAQUE), BOOL(1,
                    Kind.OPAQUE), C64(8, Kind.OPAQUE), F8_E4M3(1, Kind.OPAQUE), F8_E5M2(1, Kind.OPAQUE), F8_E8M0(1, Kind.OPAQUE);

    /// What elements are read as.
    enum Kind { NUMBERS, IDS, OPAQUE }

    private final int bytes;
    private final Kind kind;

    TensorType(int bytes, Kind kind) {
        this.bytes = bytes;
        this.kind = kind;
    }

    int bytes() {
        return bytes;
    }

    Kind kind() {
        return kind;
    }

    static Optional<TensorType> named(String name) {
        for (TensorType type : values()) {
            if (type.name().equals(name)) {
                return Optional.of(type);
            }
        }
        return Optional.empty();
    }
}
