package tributary.localsgd.plan;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import tributary.localsgd.cluster.Exchange;
import tributary.localsgd.cluster.Link;
import tributary.localsgd.run.Setting;
import tributary.localsgd.run.YamlTable;

/// Files that ask for a plan, in YAML; docs/plan.yaml and docs/edge.yaml are examples of all keys.
public final class PlanFile {
    private PlanFile() {}

    /// @throws IllegalArgumentException naming file, place and what is wrong: no such file, not YAML, an unknown key (with the
    ///         nearest known one), a key that is missing or given twice, a value that cannot be
    public static Plan read(Path file) {
        YamlTable table = YamlTable.read(file, "plan file");
        table.allow("model", "training", "clusters", "exchange", "loss");
        return table.make(() -> clusters(table));
    }

    private static Plan clusters(YamlTable table) {
        YamlTable training = need(table, "training").allow("tokens", "batch-tokens", "gradient-bits", "local-steps", "codecs", "fragments",
                "overlap");
        Work work = work(table, training);
        List<YamlTable> entries = table.list("clusters");
        List<Site> sites = new ArrayList<>();
        for (YamlTable entry : entries) {
            sites.add(site(entry, sites.size(), entries.size()));
        }
        if (sites.stream().map(Site::name).distinct().count() < sites.size()) {
            throw table.wrong("clusters: two have the same name");
        }
        double gradientBits = training
                .make(() -> Work.positive("gradient-bits", training.number("gradient-bits").orElse(32), "such as 16"));
        return training.make(() -> new ClusterPlan(work, sites, exchange(table), gradientBits, localSteps(training), payloads(training),
                (int) training.wholeNumber("fragments").orElse(1), (int) training.wholeNumber("overlap").orElse(0),
                extraTokens(table, work)).plan());
    }

    private static YamlTable need(YamlTable table, String key) {
        if (!table.holdsTable(key)) {
            throw table.wrong(key + " is missing");
        }
        return table.table(key);
    }

    private static double number(YamlTable table, String key, String mend) {
        OptionalDouble number = table.number(key);
        return table.make(() -> Work.positive(key, number.orElseThrow(() -> table.wrong(key + " is missing; " + mend)), mend));
    }

    private static int count(YamlTable table, String key, String mend) {
        double number = number(table, key, mend);
        if (!(number >= 1 && number <= 1e9 && number == Math.rint(number))) {
            throw table.wrong(key + " " + number + " is not a whole number from 1 to 1e9; " + mend);
        }
        return (int) number;
    }

    private static Work work(YamlTable table, YamlTable training) {
        YamlTable model = need(table, "model").allow("parameters", "exchanged-parameters", "layers", "context");
        double parameters = number(model, "parameters", "give the number without embeddings, such as 1e9");
        double tokens = number(training, "tokens", "give what the training takes, such as 2e10");
        double batchTokens = number(training, "batch-tokens", "give the tokens of a step of all workers together, such as 5e5");
        int layers = count(model, "layers", "such as 24");
        int context = model.has("context") ? count(model, "context", "such as 1024") : 1024;
        return training.make(() -> new Work(parameters, model.number("exchanged-parameters").orElse(parameters), layers, context, tokens,
                batchTokens));
    }

    private static Site site(YamlTable entry, int earlier, int all) {
        entry.allow("name", "workers", "flops", "price", "inside", "outside");
        int workers = count(entry, "workers", "how many are there?");
        double flops = number(entry, "flops", "what does a worker really do in a second?");
        if (workers > 1 && !entry.holdsTable("inside")) {
            throw entry.wrong("inside is missing; what line joins a worker to the others of its cluster?");
        }
        if (all > 1 && !entry.holdsTable("outside")) {
            throw entry.wrong("outside is missing; what line joins the cluster to the other clusters?");
        }
        return entry.make(() -> new Site(entry.text("name").orElse("cluster-" + earlier), workers, flops,
                entry.number("price").orElse(0), link(entry, "inside"), link(entry, "outside")));
    }

    private static Link link(YamlTable entry, String key) {
        if (!entry.holdsTable(key)) {
            return Link.ideal();
        }
        YamlTable link = entry.table(key).allow("up", "down", "latency", "loss");
        return link.make(() -> new Link(number(link, "up", "give bits a second, such as 1e9"),
                number(link, "down", "give bits a second, such as 1e9"), link.number("latency").orElse(0), 0,
                link.number("loss").orElse(0)));
    }

    private static Exchange exchange(YamlTable table) {
        String name = table.text("exchange").orElse("ring");
        return Arrays.stream(Exchange.values()).filter(exchange -> Setting.label(exchange).equals(name)).findFirst()
                .orElseThrow(() -> table.wrong("exchange '" + name + "' is not known; use server or ring"));
    }

    private static List<Integer> localSteps(YamlTable training) {
        return (training.has("local-steps") ? training.numbers("local-steps") : List.of(30.0, 100.0, 300.0)).stream()
                .map(H -> {
                    if (H != Math.rint(H)) {
                        throw training.wrong("local-steps " + H + " is not a whole number");
                    }
                    return H.intValue();
                }).toList();
    }

    private static List<Payload> payloads(YamlTable training) {
        return (training.has("codecs") ? training.texts("codecs") : List.of("fp32")).stream().map(Payload::of).toList();
    }

    private static ExtraTokens extraTokens(YamlTable table, Work work) {
        if (!table.has("loss")) {
            return new ExtraTokens.FromLaw(new LossRatio.Published(), TokenLaw.published(), work.parameters(), work.tokens());
        }
        YamlTable loss = need(table, "loss").allow("extra-tokens");
        return loss.make(() -> new ExtraTokens.Measured(number(loss, "extra-tokens", "such as 1.1")));
    }
}
