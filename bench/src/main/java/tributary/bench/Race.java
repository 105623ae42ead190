package tributary.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Contenders take turns at one workload, round after round, so that what the machine does meanwhile meets them alike.
///
/// @param ceilings the multiply-add ceiling in each round, GFLOP/s
/// @param seconds of one run, by contender, in each round
record Race(List<Double> ceilings, Map<RemoteContender, List<Double>> seconds) {
    /// Long enough for the worker threads of the one before to stop spinning, those of MKL after 200.
    private static final long PAUSE_MILLIS = 400;

    private static final int FIRST_CEILINGS = 30;

    /// How long to run.
    ///
    /// @param rounds that count
    /// @param warmup seconds each contender runs before the first round
    /// @param piece seconds a contender runs in each round, at least once
    record Length(int rounds, double warmup, double piece) {}

    /// @param contenders that have prepared the workload; the first also measures the ceiling
    static Race run(List<RemoteContender> contenders, Length length) {
        Map<RemoteContender, Long> counts = new LinkedHashMap<>();
        Map<RemoteContender, List<Double>> seconds = new LinkedHashMap<>();
        for (RemoteContender contender : contenders) {
            double each = Double.POSITIVE_INFINITY;
            long count = 1;
            for (double spent = 0; spent < length.warmup; count = Math.clamp((long) (length.piece / each), 1, 2 * count)) {
                double took = contender.run(count);
                each = Math.min(each, took / count);
                spent += took;
            }
            counts.put(contender, Math.max(1, Math.round(length.piece / each)));
            seconds.put(contender, new ArrayList<>());
        }
        List<Double> ceilings = new ArrayList<>();
        for (int round = 0; round < length.rounds; round++) {
            pause();
            ceilings.add(contenders.getFirst().ceiling());
            for (RemoteContender contender : contenders) {
                pause();
                seconds.get(contender).add(contender.run(counts.get(contender)) / counts.get(contender));
            }
        }
        return new Race(ceilings, seconds);
    }

    /// Runs long enough for the compiler to have seen everything, before the first race of new processes.
    ///
    /// @param seconds each contender runs what it has prepared
    static void warmUp(List<RemoteContender> contenders, double seconds) {
        for (int i = 0; i < FIRST_CEILINGS; i++) {
            contenders.getFirst().ceiling();
        }
        run(contenders, new Length(0, seconds, seconds / 10));
    }

    private static void pause() {
        try {
            Thread.sleep(PAUSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    double ceiling() {
        return median(ceilings);
    }

    double seconds(RemoteContender contender) {
        return median(seconds.get(contender));
    }

    /// The median over the rounds of how many times faster the first is than the second.
    double ratio(RemoteContender first, RemoteContender second) {
        List<Double> ratios = new ArrayList<>();
        for (int round = 0; round < ceilings.size(); round++) {
            ratios.add(seconds.get(second).get(round) / seconds.get(first).get(round));
        }
        return median(ratios);
    }

    /// The median over the rounds of the share of the ceiling that a contender reaches.
    double share(RemoteContender contender, long operations) {
        List<Double> shares = new ArrayList<>();
        for (int round = 0; round < ceilings.size(); round++) {
            shares.add(operations / seconds.get(contender).get(round) / 1e9 / ceilings.get(round));
        }
        return median(shares);
    }

    static double median(List<Double> numbers) {
        double[] sorted = numbers.stream().mapToDouble(Double::doubleValue).toArray();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
