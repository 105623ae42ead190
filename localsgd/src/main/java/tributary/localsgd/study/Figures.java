package tributary.localsgd.study;

import java.util.Locale;

/// Large numbers as people write them: `13k`, `1.5M`.
public final class Figures {
    private static final String[] UNITS = {"", "k", "M", "G", "T", "P", "E"};

    private Figures() {}

    /// Three digits and a unit.
    public static String count(double number) {
        int unit = 0;
        double scaled = number;
        while (scaled >= 999.5 && unit < UNITS.length - 1) {
            scaled /= 1000;
            unit++;
        }
        String digits = String.format(Locale.ROOT, scaled >= 99.95 || unit == 0 ? "%.0f" : scaled >= 9.995 ? "%.1f" : "%.2f", scaled);
        return digits + UNITS[unit];
    }

    /// A number that may end with `k`, `M`, `G` or `T`.
    ///
    /// @throws IllegalArgumentException where it is none
    static double parse(String name, String text) {
        double factor = 1;
        String digits = text;
        for (int unit = 1; unit < UNITS.length; unit++) {
            if (text.endsWith(UNITS[unit])) {
                factor = Math.pow(1000, unit);
                digits = text.substring(0, text.length() - 1);
            }
        }
        try {
            return Double.parseDouble(digits) * factor;
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(name + " '" + text + "' is not a number, such as 13000, 13k or 1.5M", e);
        }
    }
}
