package tributary.localsgd;

import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import tributary.model.optimizer.Schedule;
import tributary.tensor.Tensor;

/// **Asynchronous local SGD**: nobody waits. A replica that has done its steps sends how far it came since it last met the
/// server, takes the server's parameters of that moment, and goes on.   Liu et al. 2024, arXiv:2401.09135, Algorithms 1 to 3.
///
/// ```
/// replica m arrives with its own step H_m, 2 H_m, 3 H_m, ...;  it left with theta_m0:   g <- theta_m0 - theta_m
/// server, at each arrival:
///   sum <- sum + g
///   at every N-th:  v <- mu v + sum / N;   theta <- theta - eps (g / N + mu v);   sum <- 0
///   otherwise:      theta <- theta - eps g / N
/// theta_m0, theta_m <- theta
/// ```
///
/// This is **delayed Nesterov**: momentum is applied once in N arrivals, by the mean of their gradients. N = M is the paper's
/// choice; N = 1 is the naive way, a whole Nesterov step at every arrival, which the paper finds unstable. **Dynamic local
/// updates** let slow replicas take fewer steps, H_m = max(1, floor(H d / d_m)) with d the shortest step time, so that all
/// arrive about equally often; otherwise H_m = H.
///
/// When replicas arrive is decided by the [Pace], virtual time, so that a run can be repeated. Of arrivals at the same moment
/// the lower index is first. The rate falls by global steps. When the run is over, all replicas arrive a last time with
/// what they have. With M = 1 it is DiLoCo. Who fails does not arrive that time, and its work is lost; it goes on from theta, and
/// arrives when it would have. An arrival moves 4 P bytes from the replica, or what g is encoded to, and 4 P bytes
/// to it.
public final class AsyncLocalSgd implements Algorithm {
    private static final String START = "start";

    private final Pace pace;
    private final int[] H;
    private final int N;
    private final Schedule eps;
    private final float mu;
    private final Tensor v;
    private final Tensor sum;
    /// Arrivals since momentum was applied, one number.
    private final Tensor arrivals = Tensor.zeros(1);

    /// @param localSteps H
    /// @param dynamic whether slow replicas take fewer steps
    /// @param buffer N
    /// @param outerLr eps, at the global step of the arrival
    /// @param outerMomentum mu
    /// @param elements P
    public AsyncLocalSgd(Pace pace, int localSteps, boolean dynamic, int buffer, Schedule outerLr, double outerMomentum, int elements) {
        if (buffer < 1) {
            throw new IllegalArgumentException("buffer " + buffer + " is not positive; 1 takes a whole outer step at every arrival");
        }
        this.pace = pace;
        this.H = localSteps(pace, localSteps, dynamic);
        this.N = buffer;
        this.eps = outerLr;
        this.mu = (float) outerMomentum;
        this.v = Tensor.zeros(elements);
        this.sum = Tensor.zeros(elements);
    }

    /// H_m of every replica.
    public static int[] localSteps(Pace pace, int localSteps, boolean dynamic) {
        long fastest = IntStream.range(0, pace.replicas()).mapToLong(pace::duration).min().orElseThrow();
        return IntStream.range(0, pace.replicas())
                .map(m -> dynamic ? (int) Math.max(1, localSteps * fastest / pace.duration(m)) : localSteps)
                .toArray();
    }

    /// All replicas advance to a moment, at which one of them arrives, or all that are underway.
    private record Arrival(Round round, List<Integer> replicas) {}

    @Override
    public void train(Tensor theta, ReplicaGroup replicas, Rounds rounds) {
        for (Arrival arrival : rounds.of(() -> arrivals(rounds.steps()), Arrival::round)) {
            List<Replica> all = replicas.each(m -> {
                if (arrival.round.index() == 1 && m.step() == 0) {
                    admit(m, theta);
                }
                m.innerStepsTo(pace.stepsAfter(m.index(), arrival.round));
                return m;
            });
            for (Replica m : all.stream().filter(m -> arrival.replicas.contains(m.index())).toList()) {
                Tensor g = replicas.receive(m.send(m.delta(m.memory(START), m.parameters()), arrival.round));
                arrive(g, theta, replicas, eps.lr(arrival.round.first()));
                admit(m, theta);
            }
            rounds.finished(arrival.round);
        }
    }

    private void arrive(Tensor g, Tensor theta, ReplicaGroup replicas, double eps) {
        replicas.kernels().addScaled(1, g, sum);
        replicas.kernels().addScaled((float) (-eps / N), g, theta);
        arrivals.set(0, arrivals.get(0) + 1);
        if (arrivals.get(0) == N) {
            replicas.kernels().scale(mu, v);
            replicas.kernels().addScaled(1f / N, sum, v);
            replicas.kernels().addScaled((float) -eps * mu, v, theta);
            sum.fill(0);
            arrivals.fill(0);
        }
    }

    /// In the order of time, then of the replicas.
    private Iterator<Arrival> arrivals(int steps) {
        int[] rounds = new int[H.length];
        return new Timetable<>(pace, steps) {
            private int next;

            @Override
            long nextEnd() {
                next = 0;
                for (int m = 1; m < H.length; m++) {
                    next = time(m) < time(next) ? m : next;
                }
                return time(next);
            }

            @Override
            Arrival entry(Round round, long time, boolean last) {
                List<Integer> who = last ? underway(time) : List.of(next);
                rounds[next]++;
                return new Arrival(round, who);
            }

            /// Those that have taken steps since they last arrived.
            private List<Integer> underway(long time) {
                return IntStream.range(0, H.length).filter(m -> pace.stepsAt(m, time) > rounds[m] * H[m]).boxed().toList();
            }

            private long time(int m) {
                return pace.endOfStep(m, (rounds[m] + 1) * H[m]);
            }
        };
    }

    @Override
    public void admit(Replica m, Tensor theta) {
        m.memory(START).set(theta);
        m.takeOver(theta);
    }

    @Override
    public boolean keepsParameters() {
        return true;
    }

    @Override
    public List<String> memories() {
        return List.of(START);
    }

    @Override
    public Map<String, Tensor> state() {
        return Map.of("momentum", v, "sum", sum, "arrivals", arrivals);
    }
}
