package tributary.localsgd;

import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;
import java.util.stream.IntStream;
import tributary.model.optimizer.Optimizer;
import tributary.model.optimizer.Schedule;
import tributary.tensor.Tensor;

/// **Multi-cluster local SGD**: replicas that are near each other average often, or train data parallel, clusters that are far from
/// each other merge rarely: two stages of synchronisation.   After He, Zhuang and Wu 2024, arXiv:2409.13198.
///
/// ```
/// K clusters of M / K replicas; for t = 1 .. T, in parallel
///   theta_m <- InnerOpt(theta_m, gradient on shard m)
///   every h steps, in each cluster:   theta_m <- mean of the cluster
///   every H steps, between clusters:  Delta_k <- theta - mean of cluster k
///                                     theta <- OuterOpt(theta, 1/K sum of Delta_k);   theta_m <- theta
///
/// data parallel inside, h = 1:        g_k <- mean of the cluster's gradients;   theta_m <- InnerOpt(theta_m, g_k)
/// ```
///
/// H is a multiple of h. With clusters of one replica, or H = h, it is DiLoCo; one cluster that is data parallel inside and
/// outside of which plain SGD at rate 1 stands is data parallel. Differs from the paper: its outer step is not published; here
/// it is DiLoCo's. An averaging moves 4 P bytes to and from each replica of its cluster; a merge 4 P bytes, or what Delta_k is
/// encoded to, from the first replica of each cluster and 4 P bytes to it, which then sends 4 P bytes to each of the others.
/// Who fails begins anew at theta, behind its cluster until the next averaging of parameters.
public final class MultiCluster implements Algorithm {
    private final int H;
    private final int h;
    private final int K;
    private final Inside inside;
    private final Schedule eta;
    private final Optimizer outerOpt;

    /// What the replicas of a cluster take the mean of.
    public enum Inside {
        /// Their parameters, every h steps.
        PARAMETERS,
        /// Their gradients, in every step, so that h is 1.
        GRADIENTS
    }

    /// @param localSteps H, a multiple of h
    /// @param clusterSteps h
    /// @param clusters K
    /// @param outerLr eta
    /// @param outerOpt made for the model's flat parameters
    public MultiCluster(int localSteps, int clusterSteps, int clusters, Inside inside, Schedule outerLr, Optimizer outerOpt) {
        check(localSteps, clusterSteps, inside);
        this.H = localSteps;
        this.h = clusterSteps;
        this.K = clusters;
        this.inside = inside;
        this.eta = outerLr;
        this.outerOpt = outerOpt;
    }

    /// Refuses what does not fit together.
    ///
    /// @throws IllegalArgumentException naming the setting, its value and what to do
    public static void check(int localSteps, int clusterSteps, Inside inside) {
        if (clusterSteps < 1 || localSteps % clusterSteps != 0) {
            throw new IllegalArgumentException("local-steps " + localSteps + " is not a multiple of cluster-steps " + clusterSteps
                    + "; clusters merge right after they have averaged");
        }
        if (inside == Inside.GRADIENTS && clusterSteps != 1) {
            throw new IllegalArgumentException("cluster-steps " + clusterSteps + " with cluster-mean gradients, which are averaged in"
                    + " every step; use 1");
        }
    }

    @Override
    public void train(Tensor theta, ReplicaGroup replicas, Rounds rounds) {
        if (replicas.size() % K != 0) {
            throw new IllegalArgumentException("clusters " + K + " do not divide replicas " + replicas.size());
        }
        int size = replicas.size() / K;
        for (Round t : rounds.of(h)) {
            List<Message> own = replicas.each(m -> {
                m.join(theta);
                return m.message(inside == Inside.GRADIENTS ? m.gradient() : m.innerStepsTo(t.last()));
            });
            for (List<Message> cluster : clusters(own, Message::sender, size)) {
                Tensor mean = replicas.mean(cluster);
                cluster.stream().skip(1).forEach(message -> message.vector().set(mean));
            }
            if (inside == Inside.GRADIENTS) {
                replicas.each(m -> {
                    m.update();
                    return m;
                });
            }
            if (t.last() % H == 0 || t.last() == rounds.steps()) {
                merge(theta, replicas, t, clusters(replicas.each(m -> m), Replica::index, size));
            }
            rounds.finished(t);
        }
    }

    /// Those of each cluster of which anybody is there.
    private <E> List<List<E>> clusters(List<E> all, ToIntFunction<E> replica, int size) {
        return IntStream.range(0, K)
                .mapToObj(k -> all.stream().filter(each -> replica.applyAsInt(each) / size == k).toList())
                .filter(cluster -> !cluster.isEmpty())
                .toList();
    }

    private void merge(Tensor theta, ReplicaGroup replicas, Round t, List<List<Replica>> clusters) {
        List<Message> deltas = clusters.stream()
                .map(List::getFirst)
                .map(m -> m.send(m.delta(theta, m.parameters()), t))
                .toList();
        outerOpt.step(replicas.kernels(), theta, replicas.mean(deltas), 1f, (float) eta.lr(t.first() / H * H));
        for (List<Replica> cluster : clusters) {
            replicas.broadcast(cluster.getFirst().message(theta), cluster.stream().skip(1).map(Replica::index).toList());
            cluster.forEach(m -> m.takeOver(theta));
        }
    }

    @Override
    public boolean keepsParameters() {
        return true;
    }

    @Override
    public Map<String, Tensor> state() {
        return outerOpt.state();
    }

    @Override
    public Tensor evaluated(Tensor theta) {
        return outerOpt.evaluated(theta);
    }

    @Override
    public void resume(int rounds) {
        outerOpt.resume(rounds / (H / h));
    }
}
