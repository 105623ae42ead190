package tributary.localsgd.plan;

import java.util.Locale;

/// What a number of a sheet counts. In JSON numbers stand as they are, in these units; people get prefixes.
enum Unit {
    /// A name.
    TEXT(""),
    /// A plain number.
    NUMBER(""),
    /// From 0 to 1.
    SHARE("share"), SECONDS("s"), HOURS("h"), BYTES("byte"), BITS_PER_SECOND("bit/s");

    private static final String PREFIXES = " kMGTPE";
    private final String symbol;

    Unit(String symbol) {
        this.symbol = symbol;
    }

    /// As JSON has it.
    String symbol() {
        return symbol;
    }

    /// A number of this unit, for people: three digits.
    String text(double value) {
        return switch (this) {
            case TEXT, NUMBER -> plain(value);
            case SHARE -> String.format(Locale.ROOT, "%.1f %%", 100 * value);
            case SECONDS, HOURS -> plain(value) + " " + symbol;
            case BYTES, BITS_PER_SECOND -> prefixed(value) + (this == BYTES ? "B" : symbol);
        };
    }

    private static String plain(double value) {
        if (value == Math.rint(value) && Math.abs(value) < 1e6) {
            return Long.toString((long) value);
        }
        double size = Math.abs(value);
        if (size >= 1e6 || size < 1e-3) {
            return String.format(Locale.ROOT, "%.2e", value);
        }
        return String.format(Locale.ROOT, size >= 100 ? "%.0f" : size >= 10 ? "%.1f" : size >= 1 ? "%.2f" : "%.3g", value);
    }

    private static String prefixed(double value) {
        int thousands = 0;
        double rest = value;
        while (rest >= 999.5 && thousands < PREFIXES.length() - 1) {
            rest /= 1000;
            thousands++;
        }
        return plain(rest) + " " + (thousands == 0 ? "" : PREFIXES.charAt(thousands));
    }
}
