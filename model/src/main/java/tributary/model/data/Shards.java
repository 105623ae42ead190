package tributary.model.data;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import tributary.tensor.IntTensor;

/// Training batches for replicas whose data differ: each reads a part of the text of its own. A function of (seed, step,
/// replica, row).
///
/// Files or folders are dealt whole: the longest first, each to the replica that has the fewest tokens by then. Replicas are
/// numbered by the first document they have, so that of as many files as replicas each reads the one of its number. Sources are
/// dealt in turn, the first to the first replica; one that has several draws from them by their weights.
public final class Shards implements BatchSource {
    private final List<Batches> shards = new ArrayList<>();
    private final int batch;
    private final int context;

    /// @param by not [Sharding#IID]
    /// @param batch B, over all replicas, a multiple of them
    /// @param context T
    /// @throws IllegalArgumentException where there are fewer files, folders or sources than replicas, or one gets fewer than T
    ///     + 1 tokens
    public Shards(TokenizedCorpus corpus, Sharding by, int replicas, int batch, int context, Order order, long seed) {
        this.batch = batch;
        this.context = context;
        if (by == Sharding.BY_SOURCE) {
            for (List<WeightedTokens> shard : dealInTurn(corpus.training(), replicas)) {
                long own = StatelessRandom.seed(seed, "shard " + shards.size());
                shards.add(new Batches(shard, batch / replicas, context, order, own));
            }
            return;
        }
        if (corpus.sections().isEmpty()) {
            throw new IllegalArgumentException("shards: several sources, and tokens made by tokenize, have no files to deal out; "
                    + "use one source of text, shards by-source, or shards iid");
        }
        for (List<Section> shard : deal(corpus.sections(), by, replicas)) {
            long own = StatelessRandom.seed(seed, "shard " + shards.size());
            try {
                shards.add(new Batches(corpus.train().join(shard), batch / replicas, context, order, own));
            } catch (IllegalArgumentException tooShort) {
                throw new IllegalArgumentException("shard " + shards.size() + ", " + shard.size() + " files beginning with "
                        + shard.getFirst().document() + ": " + tooShort.getMessage(), tooShort);
            }
        }
    }

    private static List<List<WeightedTokens>> dealInTurn(List<WeightedTokens> sources, int replicas) {
        if (sources.size() < replicas) {
            throw new IllegalArgumentException("shards: there are " + sources.size() + " sources for " + replicas
                    + " replicas; name more of them, such as a.txt=1,b.txt=1, use fewer replicas, or shards iid");
        }
        return IntStream.range(0, replicas)
                .mapToObj(m -> IntStream.range(0, sources.size()).filter(i -> i % replicas == m).mapToObj(sources::get).toList())
                .toList();
    }

    /// The documents of each replica, in the order of the text.
    static List<List<Section>> deal(List<Section> sections, Sharding by, int replicas) {
        String common = commonFolder(sections);
        Map<String, List<Section>> units = new LinkedHashMap<>();
        for (Section section : sections) {
            String unit = switch (by) {
                case IID, BY_SOURCE -> throw new IllegalArgumentException("shards: " + by + " deals out no files");
                case BY_FILE -> section.document();
                case BY_FOLDER -> folder(section.document().substring(common.length()));
            };
            units.computeIfAbsent(unit, _ -> new ArrayList<>()).add(section);
        }
        if (units.size() < replicas) {
            throw new IllegalArgumentException(
                    "shards: the training text has " + units.size() + (by == Sharding.BY_FILE ? " files" : " folders")
                            + " for " + replicas + " replicas; use fewer replicas, or shards iid");
        }
        List<List<Section>> shards = IntStream.range(0, replicas).<List<Section>>mapToObj(_ -> new ArrayList<>()).toList();
        List<List<Section>> longestFirst = new ArrayList<>(units.values());
        longestFirst.sort(Comparator.comparingLong(Shards::tokens).reversed()); // stable: equals stay in the order of the text
        for (List<Section> unit : longestFirst) {
            shards.stream().min(Comparator.comparingLong(Shards::tokens).thenComparing(List::size)).orElseThrow().addAll(unit);
        }
        Comparator<Section> inText = Comparator.comparingInt(Section::from);
        shards.forEach(shard -> shard.sort(inText));
        return shards.stream().sorted(Comparator.comparing(List::getFirst, inText)).toList();
    }

    private static String folder(String path) {
        return path.substring(0, Math.max(0, path.indexOf('/')));
    }

    private static long tokens(List<Section> sections) {
        return sections.stream().mapToLong(Section::size).sum();
    }

    /// The deepest folder that holds all documents, with its `/`; empty where there is none.
    private static String commonFolder(List<Section> sections) {
        String common = sections.getFirst().document();
        for (Section section : sections) {
            while (!section.document().startsWith(common) || !common.isEmpty() && !common.endsWith("/")) {
                common = common.substring(0, common.lastIndexOf('/', common.length() - 2) + 1);
            }
        }
        return common;
    }

    @Override
    public int batch() {
        return batch;
    }

    @Override
    public int context() {
        return context;
    }

    @Override
    public void fill(long step, int replica, int replicas, IntTensor ids, IntTensor targets) {
        if (replicas != shards.size()) {
            throw new IllegalArgumentException("shards: " + shards.size() + " for " + replicas + " replicas");
        }
        shards.get(replica).fill(step, 0, 1, ids, targets);
    }
}
