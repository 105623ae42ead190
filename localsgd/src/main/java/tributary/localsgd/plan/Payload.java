package tributary.localsgd.plan;

import tributary.localsgd.codec.Codec;
import tributary.localsgd.codec.Compression;
import tributary.localsgd.codec.Fp32;

/// What numbers are sent as between clusters or devices.
///
/// @param text as in a run's setting `codec`
record Payload(String text, Codec codec) {
    /// A codec counts the numbers of one array; of more, in proportion.
    private static final int MOST = 1 << 26;

    static Payload of(String text) {
        Compression compression = Compression.parse(text);
        return new Payload(compression.toString(), compression.codec());
    }

    /// Bytes of a message of so many numbers.
    long bytes(double numbers) {
        double whole = Math.max(1, Math.rint(numbers));
        int counted = (int) Math.min(MOST, whole);
        return Math.round(codec.bytes(counted) * (whole / counted));
    }

    /// Bytes of so many numbers in float32.
    static long dense(double numbers) {
        return new Payload("fp32", new Fp32()).bytes(numbers);
    }
}
