package tributary.localsgd.study;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import tributary.localsgd.run.RunConfig;
import tributary.localsgd.run.Setting;

/// One training of a study.
///
/// @param grid the name of the grid it is a point of
/// @param size N
/// @param tokensPerParameter what its budget was asked to be, as a multiple of N
/// @param rateTimes its learning rate over the one the rule gives
/// @param batchTimes its batch, before it is rounded, over the one the rule gives
/// @param config all that decides what it computes
public record Trial(String grid, ModelSize size, double tokensPerParameter, double rateTimes, double batchTimes, RunConfig config) {
    private static final int HASH_DIGITS = 12;
    /// To be raised where the meaning of a setting, or the standard value of one, changes what a training computes.
    private static final int VERSION = 1;

    /// D, in whole batches.
    public long tokens() {
        return (long) config.steps() * batchTokens();
    }

    /// Of one step, over all replicas.
    public long batchTokens() {
        return (long) config.batch() * config.context();
    }

    /// What it takes without the head, 6 N D, known before the text is read.
    public double leastFlops() {
        return 6.0 * size.parameters() * tokens();
    }

    /// Its name: twelve digits of the SHA-256 of the settings that are not at their algorithm's standard value. A setting that a
    /// later version adds, and that changes nothing at its standard value, leaves the hash as it is.
    public String hash() {
        Map<String, String> standard = RunConfig.of(Map.of("algorithm", Setting.label(config.algorithm()))).settings();
        StringBuilder text = new StringBuilder("study ").append(VERSION).append('\n')
                .append("algorithm=").append(Setting.label(config.algorithm())).append('\n');
        config.settings().forEach((name, value) -> {
            if (!value.equals(standard.get(name))) {
                text.append(name).append('=').append(value).append('\n');
            }
        });
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.toString().getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest).substring(0, HASH_DIGITS);
        } catch (NoSuchAlgorithmException absent) {
            throw new IllegalStateException("every Java has SHA-256", absent);
        }
    }

    /// A few words for people: `150k diloco M=4 H=30 D=3.12M seed 1`.
    public String label() {
        return Figures.count(size.parameters()) + " " + Setting.label(config.algorithm())
                + (config.replicas() > 1 || config.localSteps() > 1 ? " M=" + config.replicas() : "")
                + (config.localSteps() > 1 ? " H=" + config.localSteps() : "") + " D=" + Figures.count(tokens()) + " seed " + config.seed();
    }
}
