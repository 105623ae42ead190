package tributary.localsgd.cluster;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import tributary.localsgd.Post;

/// Messages that are underway while workers compute. A line carries one after the other; who needs what is not there waits.
final class Flights {
    private final Exchange exchange;
    private final List<WorkerClock> workers;
    private final Lines lines;
    private final Meetings meetings;
    /// When each worker has what is underway, by name; 0 where it takes no part in that.
    private final Map<Integer, long[]> underway = new TreeMap<>();

    Flights(Exchange exchange, List<WorkerClock> workers, Lines lines, Meetings meetings) {
        this.exchange = exchange;
        this.workers = workers;
        this.lines = lines;
        this.meetings = meetings;
    }

    /// As [VirtualClock#depart].
    void depart(List<Integer> together, List<Long> messages, long dense, int flight) {
        workers.forEach(worker -> worker.computeTo(Integer.MAX_VALUE));
        together.forEach(m -> worker(m).commit(worker(m).done()));
        long[] there = underway.computeIfAbsent(flight, name -> new long[workers.size()]);
        if (together.size() == 1) {
            return;
        }
        meetings.count(together, messages, dense);
        long[] at = together.stream().mapToLong(m -> Math.max(worker(m).now(), worker(m).busy())).toArray();
        switch (exchange) {
            case SERVER -> {
                for (int i = 0; i < at.length; i++) {
                    at[i] = worker(together.get(i)).fly(Activity.SEND, at[i], lines.up(together.get(i), together, messages.get(i)));
                }
                long merge = merge(at);
                for (int i = 0; i < at.length; i++) {
                    long back = exchange.received(messages, i, dense);
                    at[i] = worker(together.get(i)).fly(Activity.RECEIVE, merge, lines.down(together.get(i), together, back));
                }
            }
            case RING -> Arrays.fill(at, meetings.passAround(
                    together, merge(at), lines.around(together, messages, dense), span -> worker(span.worker()).flies(span)));
        }
        for (int i = 0; i < at.length; i++) {
            int m = together.get(i);
            worker(m).busy(at[i]);
            there[m] = Math.max(there[m], at[i]);
            worker(m).exchanged();
        }
    }

    /// As [VirtualClock#collect].
    Post.Answer collect(List<Integer> together, List<Long> messages, long dense, long asked, int flight) {
        workers.forEach(worker -> worker.computeTo(Integer.MAX_VALUE));
        if (workers.size() == 1) {
            return new Post.Answer(asked, List.of(asked));
        }
        long[] there = underway.computeIfAbsent(flight, name -> new long[workers.size()]);
        long merged = asked;
        for (int i = 0; i < together.size(); i++) {
            int m = together.get(i);
            long leaves = Math.max(worker(m).busy(), note(m, asked));
            merged = Math.max(merged, worker(m).fly(Activity.SEND, leaves, lines.up(m, together, messages.get(i))));
        }
        for (int m : together) {
            there[m] = worker(m).fly(Activity.RECEIVE, merged, lines.down(m, together, dense));
            worker(m).busy(there[m]);
            worker(m).exchanged();
        }
        meetings.countServer(messages, dense);
        return new Post.Answer(merged, together.stream().map(m -> there[m]).toList());
    }

    /// When a note without size that leaves then has passed a worker's line.
    long note(int m, long time) {
        return worker(m).passed(time, Lines.nanos(lines.line(m, List.of(m)).latency()));
    }

    private long merge(long[] ready) {
        return Math.max(meetings.notBefore(), Arrays.stream(ready).max().orElseThrow());
    }

    /// As [VirtualClock#arrive].
    void arrive(int flight) {
        workers.forEach(worker -> worker.computeTo(Integer.MAX_VALUE));
        long[] there = underway.remove(flight);
        if (there != null) {
            List<Integer> waiting = IntStream.range(0, there.length).filter(m -> !worker(m).out() && there[m] > 0).boxed().toList();
            for (int m : waiting) {
                worker(m).commit(worker(m).done());
                worker(m).idle(there[m]);
            }
            meetings.endsHere(waiting);
        }
    }

    private WorkerClock worker(int m) {
        return workers.get(m);
    }

    /// When each worker has what is underway, by name.
    Map<Integer, List<Long>> state() {
        Map<Integer, List<Long>> state = new TreeMap<>();
        underway.forEach((name, there) -> state.put(name, Arrays.stream(there).boxed().toList()));
        return state;
    }

    void resume(Map<Integer, List<Long>> state) {
        state.forEach((name, there) -> underway.put(name, there.stream().mapToLong(Long::longValue).toArray()));
    }
}
