package tributary.localsgd.report;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Locale;

/// Numbers for people.
final class Written {
    private static final String[] PREFIXES = {"", "k", "M", "G", "T", "P", "E"};

    private Written() {}

    static String count(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    static String loss(double nats) {
        return String.format(Locale.ROOT, "%.4f", nats);
    }

    /// Three digits and a prefix, such as `1.23 MB`.
    static String quantity(double number, String unit) {
        int power = 0;
        double scaled = number;
        while (Math.abs(scaled) >= 999.5 && power < PREFIXES.length - 1) {
            scaled /= 1000;
            power++;
        }
        String digits = scaled == Math.rint(scaled) && power == 0 ? String.format(Locale.ROOT, "%.0f", scaled)
                : String.format(Locale.ROOT, Math.abs(scaled) < 9.995 ? "%.2f" : Math.abs(scaled) < 99.95 ? "%.1f" : "%.0f", scaled);
        return digits + (power == 0 && unit.isEmpty() ? "" : " " + PREFIXES[power] + unit);
    }

    static String seconds(double seconds) {
        if (seconds < 600) {
            return String.format(Locale.ROOT, seconds < 100 ? "%.1f s" : "%.0f s", seconds);
        }
        return seconds < 7200 ? String.format(Locale.ROOT, "%.0f min", seconds / 60) : String.format(Locale.ROOT, "%.1f h", seconds / 3600);
    }

    /// Three digits, with their sign.
    static String signed(double value) {
        return (value > 0 ? "+" : "") + number(value, Math.abs(value) < 0.1 ? 1 : Math.abs(value) < 1 ? 2 : 3);
    }

    /// A plain number.
    static String number(double value, int digits) {
        if (value == Math.rint(value) && Math.abs(value) < 1e6) {
            return Long.toString((long) value);
        }
        BigDecimal rounded = new BigDecimal(value).round(new MathContext(digits)).stripTrailingZeros();
        return Math.abs(value) >= 1e-4 && Math.abs(value) < 1e6 ? rounded.toPlainString()
                : String.format(Locale.ROOT, "%." + (digits - 1) + "e", value);
    }
}
