package tributary.localsgd.cluster;

import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import tributary.localsgd.cluster.Outages.Interval;

/// Workers that send each other messages and wait for them.
final class Meetings {
    private final Exchange exchange;
    private final List<WorkerClock> workers;
    private final Lines lines;
    private final StepEnds ends;
    private long notBefore;
    private long communicatedBytes;

    Meetings(Exchange exchange, List<WorkerClock> workers, Lines lines, StepEnds ends) {
        this.exchange = exchange;
        this.workers = workers;
        this.lines = lines;
        this.ends = ends;
    }

    /// Nothing is merged before this moment, at which the last failure of a round was noticed.
    void notBefore(long moment) {
        notBefore = moment;
    }

    long notBefore() {
        return notBefore;
    }

    /// As [VirtualClock#exchange].
    void exchange(List<Integer> together, List<Long> messages, long dense) {
        meet(together);
        if (together.size() == 1) {
            return;
        }
        count(together, messages, dense);
        switch (exchange) {
            case SERVER -> {
                for (int i = 0; i < together.size(); i++) {
                    worker(together.get(i)).pass(Activity.SEND, lines.up(together.get(i), together, messages.get(i)));
                }
                waitForAll(together);
                for (int i = 0; i < together.size(); i++) {
                    long back = exchange.received(messages, i, dense);
                    worker(together.get(i)).pass(Activity.RECEIVE, lines.down(together.get(i), together, back));
                }
            }
            case RING -> {
                waitForAll(together);
                long from = worker(together.getFirst()).now();
                passAround(together, from, lines.around(together, messages, dense), span -> worker(span.worker()).spend(span));
            }
        }
        endsHere(together);
    }

    /// As [VirtualClock#meetServer].
    long meetServer(int m, long bytes, long dense) {
        List<Integer> alone = List.of(m);
        meet(alone);
        if (workers.size() == 1) {
            return worker(m).now();
        }
        countServer(List.of(bytes), dense);
        worker(m).pass(Activity.SEND, lines.up(m, alone, bytes));
        long there = worker(m).now();
        worker(m).pass(Activity.RECEIVE, lines.down(m, alone, dense));
        endsHere(alone);
        return there;
    }

    /// A worker that comes back takes the global parameters.
    void welcome(int m, long dense) {
        worker(m).pass(Activity.RECEIVE, lines.down(m, List.of(m), dense));
        communicatedBytes += dense;
    }

    /// As [VirtualClock#gossip].
    void gossip(int a, long bytesOfA, int b, long bytesOfB) {
        List<Integer> both = List.of(a, b);
        meet(both);
        waitForAll(both);
        communicatedBytes += 2 * (bytesOfA + bytesOfB);
        passAround(both, worker(a).now(), lines.gossip(a, bytesOfA, b, bytesOfB), span -> worker(span.worker()).spend(span));
        endsHere(both);
    }

    /// As [VirtualClock#broadcast].
    void broadcast(int sender, long bytes, List<Integer> receivers) {
        if (receivers.isEmpty()) {
            return;
        }
        List<Integer> all = Stream.concat(Stream.of(sender), receivers.stream()).toList();
        meet(all);
        communicatedBytes += 2 * bytes * receivers.size();
        long leaves = worker(sender).now();
        long latency = lines.latencyUp(sender, all);
        double up = lines.line(sender, all).goodUp() / receivers.size();
        for (int m : receivers) {
            double rate = Math.min(up, lines.line(m, all).goodDown());
            worker(m).idle(leaves);
            worker(m).pass(Activity.RECEIVE, latency + lines.latencyDown(m, all) + Lines.nanos(8 * bytes / rate));
        }
        worker(sender).pass(Activity.SEND, latency + Lines.nanos(8 * bytes / up));
        endsHere(all);
    }

    /// Their work is done, and their lines are free.
    private void meet(List<Integer> together) {
        workers.forEach(worker -> worker.computeTo(Integer.MAX_VALUE));
        together.forEach(m -> worker(m).commit(worker(m).done()));
        if (together.size() > 1) {
            together.forEach(m -> worker(m).idle(worker(m).busy()));
        }
    }

    private void waitForAll(List<Integer> together) {
        long all = Math.max(notBefore, together.stream().mapToLong(m -> worker(m).now()).max().orElseThrow());
        together.forEach(m -> worker(m).idle(all));
    }

    /// The last step that anyone has done ends with this exchange.
    void endsHere(List<Integer> together) {
        together.forEach(m -> worker(m).exchanged());
        ends.exchanged(together.stream().mapToLong(m -> worker(m).now()).max().orElse(0));
    }

    /// An exchange of workers stands still while any of their lines does.
    ///
    /// @return when it is over
    long passAround(List<Integer> together, long from, long nanos, Consumer<Span> spans) {
        long left = nanos;
        long time = from;
        while (true) {
            Interval stop = Interval.NONE;
            for (int m : together) {
                Interval own = worker(m).stop(time);
                stop = own.from() < stop.from() ? own : stop;
            }
            boolean stands = stop.holds(time);
            long until = stands ? stop.to() : Math.min(time + left, stop.from());
            for (int m : together) {
                spans.accept(new Span(m, stands ? Activity.CUT : Activity.SEND, time, until));
            }
            left -= stands ? 0 : until - time;
            time = until;
            if (!stands && left == 0) {
                return time;
            }
        }
    }

    /// Bytes sent and received in an exchange.
    void count(List<Integer> together, List<Long> messages, long dense) {
        for (int i = 0; i < together.size(); i++) {
            communicatedBytes += exchange.sent(messages, i, dense) + exchange.received(messages, i, dense);
        }
    }

    /// Bytes sent to a server that sends the parameters back.
    void countServer(List<Long> messages, long dense) {
        messages.forEach(bytes -> communicatedBytes += bytes + dense);
    }

    private WorkerClock worker(int m) {
        return workers.get(m);
    }

    /// Bytes sent and received by all workers so far.
    long communicatedBytes() {
        return communicatedBytes;
    }

    /// Continues an earlier count.
    void communicatedBytes(long bytes) {
        communicatedBytes = bytes;
    }
}
