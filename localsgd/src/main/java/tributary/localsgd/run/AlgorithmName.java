package tributary.localsgd.run;

import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The algorithms of a run, each with its paper, the settings of its own and their standard values. Which settings an
/// algorithm looks at is said here and nowhere else.
public enum AlgorithmName {
    /// [tributary.localsgd.DataParallel].
    DATA_PARALLEL("every step on the mean of all replicas' gradients", "the conventional way",
            "replicas 1", "quorum", "-evaluate"),
    /// [tributary.localsgd.LocalSgd].
    LOCAL_SGD("replicas train alone for H steps, then take their mean", "Stich 2019, arXiv:1805.09767",
            "local-steps 10", "qsr-alpha", "inner-state keep", "quorum"),
    /// [tributary.localsgd.PostLocalSgd].
    POST_LOCAL_SGD("data parallel at first, then local SGD", "Lin et al. 2020, arXiv:1808.07217",
            "data-parallel-steps 500", "local-steps 10", "qsr-alpha", "inner-state keep", "quorum"),
    /// [tributary.localsgd.DiLoCo].
    DILOCO("local SGD whose mean change is a gradient for an outer Nesterov step", "Douillard et al. 2023, arXiv:2311.08105",
            "local-steps 10", "qsr-alpha", "data-parallel-steps 0", "outer-optimizer nesterov", "outer-lr 0.4", "outer-momentum 0.9",
            "outer-schedule constant", "codec fp32", "inner-state keep", "quorum"),
    /// [tributary.localsgd.MuLoCo].
    MULOCO("DiLoCo with Muon inside", "Thérien et al. 2025, arXiv:2505.23725",
            "inner-optimizer muon", "local-steps 30", "qsr-alpha", "data-parallel-steps 0", "outer-optimizer nesterov", "outer-lr 0.7",
            "outer-momentum 0.6",
            "outer-schedule constant", "codec fp32", "inner-state keep", "quorum"),
    /// [tributary.localsgd.SlowMo].
    SLOWMO("local SGD with a slow momentum over the averages", "Wang et al. 2020, arXiv:1910.00643",
            "local-steps 10", "qsr-alpha", "outer-lr 1", "outer-momentum 0.5", "codec fp32", "inner-state keep", "quorum"),
    /// [tributary.localsgd.Lookahead].
    LOOKAHEAD("k steps forward, one step back", "Zhang et al. 2019, arXiv:1907.08610",
            "replicas 1", "local-steps 5", "qsr-alpha", "outer-lr 0.5", "codec fp32", "inner-state keep", "quorum"),
    /// [tributary.localsgd.StreamingDiLoCo].
    STREAMING_DILOCO("DiLoCo in fragments that are synchronised while the replicas go on", "Douillard et al. 2025, arXiv:2501.18512",
            "local-steps 20", "fragments 2", "fragment-choice strided", "fragment-offset", "overlap 1", "mixing 0.5",
            "outer-optimizer nesterov", "outer-lr 0.4", "outer-momentum 0.9", "outer-schedule constant", "codec fp32", "quorum"),
    /// [tributary.localsgd.MultiCluster].
    MULTI_CLUSTER("replicas of a cluster average often, clusters merge rarely", "after He et al. 2024, arXiv:2409.13198",
            "clusters 2", "cluster-steps 2", "cluster-mean parameters", "local-steps 10", "outer-optimizer nesterov", "outer-lr 0.4",
            "outer-momentum 0.9",
            "outer-schedule constant", "codec fp32", "inner-state keep", "quorum"),
    /// [tributary.localsgd.AsyncLocalSgd].
    ASYNC_LOCAL_SGD("nobody waits: each replica meets a server when its steps are done", "Liu et al. 2024, arXiv:2401.09135",
            "local-steps 10", "step-times 1", "dynamic-steps false", "buffer", "outer-lr 0.4", "outer-momentum 0.9",
            "outer-schedule constant", "codec fp32", "inner-state keep", "quorum"),
    /// [tributary.localsgd.DecoupledDiLoCo].
    DECOUPLED_DILOCO("a merge waits for a quorum, not for everyone", "2026, arXiv:2604.21428",
            "local-steps 10", "step-times 1", "quorum", "grace 0", "outer-optimizer nesterov", "outer-lr 0.4", "outer-momentum 0.9",
            "outer-schedule constant", "codec fp32", "inner-state keep"),
    /// [tributary.localsgd.SparseLoCo].
    SPARSELOCO("outer gradients as a few large numbers, with error feedback", "Sarfi et al. 2025, arXiv:2508.15706",
            "local-steps 15", "qsr-alpha", "outer-lr 1", "codec topk:32/4096+2bit+ef:0.95", "sparse-mean all",
            "inner-state keep", "quorum"),
    /// [tributary.localsgd.DeMo].
    DEMO("the largest cosine components of the momenta are exchanged after every step", "Peng et al. 2024, arXiv:2411.19870",
            "lr 1e-3", "codec dct:64+topk:32/4096+ef:0.999", "quorum", "-inner-optimizer", "-beta1", "-beta2", "-clip", "-evaluate"),
    /// [tributary.localsgd.Palsgd].
    PALSGD("replicas are pulled towards the last global parameters now and then", "Naganuma et al. 2025, arXiv:2504.18454",
            "local-steps 32", "qsr-alpha", "data-parallel-steps 0", "pull-probability 0.2", "pull-strength 1",
            "outer-optimizer nesterov", "outer-lr 0.4", "outer-momentum 0.9", "outer-schedule constant", "codec fp32",
            "inner-state keep", "quorum"),
    /// [tributary.localsgd.NoLoCo].
    NOLOCO("random pairs instead of an all-reduce", "Kolehmainen et al. 2025, arXiv:2506.10911",
            "local-steps 10", "qsr-alpha", "outer-lr 0.7", "outer-momentum 0.5", "gossip-pull 0.7", "inner-state keep", "quorum"),
    /// [tributary.localsgd.Sparta].
    SPARTA("a small random part of the parameters is averaged after every step", "Beton et al. 2025, ICLR workshop MCDC",
            "share 0.005", "quorum"),
    /// [tributary.localsgd.Scaffold].
    SCAFFOLD("steps corrected by how a replica's gradients differ from everyone's", "Karimireddy et al. 2020, arXiv:1910.06378",
            "local-steps 10", "qsr-alpha", "outer-lr 1", "inner-state keep", "quorum"),
    /// [tributary.localsgd.FedProx].
    FEDPROX("replicas are held back to where the round began", "Li et al. 2020, arXiv:1812.06127",
            "local-steps 10", "qsr-alpha", "proximal 0.01", "inner-state keep", "quorum");

    private final String summary;
    private final String paper;
    private final Map<String, String> standards;
    private final Set<String> without;

    /// @param standards settings with their standard values here: those of the algorithm's own, and those all
    ///        algorithms have where it asks for another value; with a minus, those all others have and it has not
    AlgorithmName(String summary, String paper, String... standards) {
        this.summary = summary;
        this.paper = paper;
        Map<String, String> values = new LinkedHashMap<>();
        Set<String> without = new HashSet<>();
        for (String standard : standards) {
            if (standard.startsWith("-")) {
                without.add(standard.substring(1));
                continue;
            }
            String[] parts = standard.split(" ", 2);
            values.put(parts[0], parts.length > 1 ? parts[1] : "");
        }
        this.standards = Collections.unmodifiableMap(values);
        this.without = Set.copyOf(without);
    }

    /// What it does, in one line.
    public String summary() {
        return summary;
    }

    /// Where it comes from.
    public String paper() {
        return paper;
    }

    /// The settings it has of its own.
    public List<Setting> settings() {
        return standards.keySet().stream().map(name -> Setting.named(name).orElseThrow()).filter(Setting::special).toList();
    }

    /// Whether it looks at a setting; of those of an optimizer, whether it does with some optimizer.
    public boolean uses(Setting setting) {
        if (setting.name().equals(Setting.INNER_MOMENTUM)) {
            return !without.contains("inner-optimizer");
        }
        return setting.special() ? standards.containsKey(setting.name()) : !without.contains(setting.name());
    }

    /// The value of a setting where none is given, empty for none.
    public String standard(Setting setting) {
        return standards.getOrDefault(setting.name(), setting.standard());
    }
}
