package tributary.localsgd.cluster;

import java.util.Comparator;
import java.util.List;

/// Who takes part in a round where failing workers are dropped: those that fail in it are left out, down to a quorum, and those
/// that are repaired are back in the next one.
final class Attendance {
    private final List<WorkerClock> workers;
    private final Meetings meetings;
    private final int quorum;

    Attendance(List<WorkerClock> workers, Meetings meetings, int quorum) {
        this.workers = workers;
        this.meetings = meetings;
        this.quorum = quorum;
    }

    /// Those that are back by now take the global parameters, and those that are down take no part; with fewer than the quorum,
    /// everyone waits until enough are back.
    ///
    /// @param begins when the round does
    /// @param dense bytes of the global parameters in float32
    void beginRound(long begins, long dense) {
        meetings.notBefore(0);
        long[] back = workers.stream()
                .mapToLong(worker -> worker.out() ? worker.connected(begins) : worker.up(worker.now())).toArray();
        long waited = begins;
        int place = 0;
        for (WorkerClock worker : by(back, workers)) {
            long ready = back[worker.number()];
            boolean there = ready <= (worker.out() ? begins : worker.now());
            if (there || place < quorum) {
                worker.idle(ready);
                if (worker.out()) {
                    meetings.welcome(worker.number(), dense);
                    worker.out(false);
                }
                waited = there ? waited : Math.max(waited, worker.now());
            } else {
                worker.out(true);
            }
            place++;
        }
        if (waited > begins) {
            for (WorkerClock worker : workers) {
                worker.idle(worker.out() ? worker.now() : waited);
            }
        }
    }

    /// Drops from the round who has failed in it, but for those that a quorum needs: these do their work again.
    ///
    /// @return for each worker what has become of it since it was last asked
    Fate[] dropFailed() {
        Fate[] fates = workers.stream().map(Attendance::fate).toArray(Fate[]::new);
        List<WorkerClock> failed = workers.stream().filter(worker -> fates[worker.number()] != Fate.GOOD).toList();
        long left = workers.stream().filter(worker -> fates[worker.number()] == Fate.GOOD && !worker.out()).count();
        long[] again = new long[workers.size()];
        failed.forEach(worker -> again[worker.number()] = worker.leaves() ? Outages.NEVER : worker.connected(worker.done().end()));
        for (WorkerClock worker : by(again, failed)) {
            if (left < quorum) {
                worker.commit(worker.done());
                fates[worker.number()] = Fate.GOOD;
            } else if (fates[worker.number()] == Fate.FAILED) {
                worker.commit(worker.ready());
                leaveOut(worker);
            } else {
                worker.commitInVain(worker.ready());
                leaveOut(worker);
            }
            left++;
        }
        return fates;
    }

    private static Fate fate(WorkerClock worker) {
        if (worker.out() || !worker.hasWork()) {
            return Fate.GOOD;
        }
        WorkerClock.Stretch own = worker.ready();
        return own.failed() ? Fate.FAILED : worker.cutOff(own.end()) ? Fate.CUT_OFF : Fate.GOOD;
    }

    private void leaveOut(WorkerClock worker) {
        worker.out(true);
        meetings.notBefore(Math.max(meetings.notBefore(), worker.now()));
    }

    /// Those with the smallest first, of equals the lower index.
    private static List<WorkerClock> by(long[] moments, List<WorkerClock> workers) {
        return workers.stream().sorted(Comparator.comparingLong(worker -> moments[worker.number()])).toList();
    }
}
