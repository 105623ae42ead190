package tributary.localsgd.plan;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import tributary.localsgd.cluster.Exchange;
import tributary.localsgd.cluster.Link;
import tributary.localsgd.run.Setting;
import tributary.localsgd.run.YamlTable;

/// Files that ask for a plan, in YAML; docs/plan.yaml and docs/edge.yaml are examples of all keys.
public final class PlanFile {
    private PlanFile() {}

    /// Whether a YAML file means to ask for a plan.
    public static boolean isOne(Path file) {
        YamlTable table = YamlTable.read(file, "plan file");
        return table.has("clusters") || table.has("devices");
    }

    /// @throws IllegalArgumentException naming file, place and what is wrong: no such file, not YAML, an unknown key (with the
    ///         nearest known one), a key that is missing or given twice, a value that cannot be
    public static Plan read(Path file) {
        return read(file, Optional.empty());
    }

    /// Reads a file that may leave to a study what it does not say of losses itself.
    ///
    /// @param study what takes the place of the published laws
    /// @throws IllegalArgumentException as above
    public static Plan read(Path file, Optional<StudyLosses> study) {
        YamlTable table = YamlTable.read(file, "plan file").allow("model", "training", "clusters", "exchange", "reference", "devices",
                "loss");
        if (table.has("clusters") == table.has("devices")) {
            throw table.wrong("give either clusters or devices");
        }
        Path folder = file.toAbsolutePath().getParent();
        return table.make(() -> table.has("clusters") ? clusters(table, losses(table, folder, study))
                : devices(table, losses(table, folder, study)));
    }

    private static Plan clusters(YamlTable table, Losses losses) {
        table.allow("model", "training", "clusters", "exchange", "loss");
        YamlTable training = need(table, "training").allow("tokens", "batch-tokens", "gradient-bits", "local-steps", "codecs", "fragments",
                "overlap");
        Work work = work(table, training, losses);
        List<YamlTable> entries = table.list("clusters");
        List<Site> sites = new ArrayList<>();
        for (YamlTable entry : entries) {
            sites.add(site(entry, sites.size(), entries.size()));
        }
        distinct(table, "clusters", sites.stream().map(Site::name).toList());
        double gradientBits = training.has("gradient-bits") ? number(training, "gradient-bits", "such as 16") : 32;
        return training.make(() -> new ClusterPlan(work, sites, exchange(table), gradientBits, localSteps(training), payloads(training),
                (int) training.wholeNumber("fragments").orElse(1), (int) training.wholeNumber("overlap").orElse(0),
                losses.extraTokens(work)).plan());
    }

    private static Plan devices(YamlTable table, Losses losses) {
        table.allow("model", "training", "reference", "devices", "loss");
        YamlTable training = need(table, "training").allow("tokens", "batch-tokens", "local-steps", "codecs");
        Work work = work(table, training, losses);
        YamlTable entry = need(table, "reference").allow("name", "flops", "price");
        double flops = number(entry, "flops", "what does it really do in a second?");
        EdgePlan.Reference reference = entry.make(
                () -> new EdgePlan.Reference(entry.text("name").orElse("the reference"), flops, entry.number("price").orElse(0)));
        List<Device> devices = new ArrayList<>();
        for (YamlTable device : table.list("devices")) {
            devices.add(device(device, devices.size()));
        }
        distinct(table, "devices", devices.stream().map(Device::name).toList());
        return training.make(() -> new EdgePlan(work, reference, devices, localSteps(training), payloads(training),
                losses.extraTokens(work)).plan());
    }

    private static void distinct(YamlTable table, String key, List<String> names) {
        if (names.stream().distinct().count() < names.size()) {
            throw table.wrong(key + ": two have the same name");
        }
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

    private static Work work(YamlTable table, YamlTable training, Losses losses) {
        YamlTable model = need(table, "model").allow("parameters", "exchanged-parameters", "layers", "context");
        double parameters = number(model, "parameters", "give the number without embeddings, such as 1e9");
        if (losses.target().isPresent() && training.has("tokens")) {
            throw training.wrong("tokens and the target of loss are two ends of the training; give one");
        }
        double tokens = losses.target().isPresent() ? losses.tokens(parameters)
                : number(training, "tokens", "give what the training takes, such as 2e10");
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

    private static Device device(YamlTable entry, int earlier) {
        entry.allow("name", "flops", "memory", "price", "mean-uptime", "up", "down", "latency", "loss");
        double flops = number(entry, "flops", "what does a device really do in a second?");
        double memory = number(entry, "memory", "how many bytes can it spare?");
        return entry.make(() -> new Device(entry.text("name").orElse("device-" + earlier), flops, memory, entry.number("price").orElse(0),
                entry.number("mean-uptime").orElse(Double.POSITIVE_INFINITY), line(entry)));
    }

    private static Link link(YamlTable entry, String key) {
        if (!entry.holdsTable(key)) {
            return Link.ideal();
        }
        return line(entry.table(key).allow("up", "down", "latency", "loss"));
    }

    private static Link line(YamlTable link) {
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
        List<Double> given = training.has("local-steps") ? training.numbers("local-steps") : List.of(30.0, 100.0, 300.0);
        if (given.isEmpty()) {
            throw training.wrong("local-steps is an empty list; give at least one H or leave the key out");
        }
        return given.stream().distinct().map(H -> {
            if (H != Math.rint(H)) {
                throw training.wrong("local-steps " + H + " is not a whole number");
            }
            return H.intValue();
        }).toList();
    }

    private static List<Payload> payloads(YamlTable training) {
        return (training.has("codecs") ? training.texts("codecs") : List.of("fp32")).stream().map(Payload::of).distinct().toList();
    }

    /// What is known of losses.
    ///
    /// @param measured p, where it is given
    private record Losses(Optional<ExtraTokens> measured, LossRatio ratio, TokenLaw tokenLaw, OptionalDouble target) {

        /// D of one replica to the target.
        double tokens(double parameters) {
            double tokens = tokenLaw.tokens(parameters, target.orElseThrow());
            if (Double.isInfinite(tokens)) {
                throw new IllegalArgumentException(String.format(Locale.ROOT, "loss: target %s is not reached by %.4g parameters: by the"
                        + " law of %s no number of tokens gets them below %.4g", target.getAsDouble(), parameters, tokenLaw.source(),
                        tokenLaw.lowest(parameters)));
            }
            return tokens;
        }

        ExtraTokens extraTokens(Work work) {
            return measured.orElseGet(() -> new ExtraTokens.FromLaw(ratio, tokenLaw, work.parameters(), work.tokens()));
        }
    }

    private static Losses losses(YamlTable table, Path folder, Optional<StudyLosses> study) {
        LossRatio ratio = study.map(StudyLosses::ratio).orElseGet(LossRatio.Published::new);
        TokenLaw tokenLaw = study.map(StudyLosses::tokenLaw).orElseGet(TokenLaw::published);
        if (!table.has("loss")) {
            return new Losses(Optional.empty(), ratio, tokenLaw, OptionalDouble.empty());
        }
        YamlTable loss = need(table, "loss").allow("extra-tokens", "law", "reference", "local-steps", "tokens-law", "target");
        if (loss.has("extra-tokens") && loss.has("law")) {
            throw loss.wrong("extra-tokens and law both say what several replicas cost; give one");
        }
        if (loss.has("extra-tokens") && loss.has("local-steps")) {
            throw loss.wrong("extra-tokens already says what several replicas cost at any H; give one of extra-tokens and local-steps");
        }
        if (loss.has("reference") && !loss.has("law")) {
            throw loss.wrong("reference is what a law of replicas stands beside; give law too");
        }
        return loss.make(() -> new Losses(
                loss.has("extra-tokens") ? Optional.of(new ExtraTokens.Measured(number(loss, "extra-tokens", "such as 1.1")))
                        : Optional.empty(),
                byLocalSteps(loss, loss.has("law") ? ratio(loss, folder) : ratio),
                loss.text("tokens-law").map(law -> TokenLaw.fitted(FittedLaw.read(folder, law))).orElse(tokenLaw),
                loss.has("target") ? OptionalDouble.of(number(loss, "target", "such as 2.5")) : OptionalDouble.empty()));
    }

    private static LossRatio byLocalSteps(YamlTable loss, LossRatio ratio) {
        if (!loss.has("local-steps")) {
            return ratio;
        }
        YamlTable factors = loss.table("local-steps");
        TreeMap<Integer, Double> known = new TreeMap<>();
        for (String H : factors.keys()) {
            known.put(wholeKey(factors, H, "local steps; write how many times as high the loss is, such as {30: 1, 100: 1.07}"),
                    number(factors, H, "such as 1.07"));
        }
        if (known.isEmpty()) {
            throw factors.wrong("there is no H; write how many times as high the loss is, such as {30: 1, 100: 1.07}");
        }
        return new LossRatio.ByLocalSteps(ratio, known);
    }

    /// A key that is a positive whole number.
    private static int wholeKey(YamlTable table, String key, String what) {
        if (!key.matches("[1-9]\\d{0,5}")) {
            throw table.wrong(key + " is no number of " + what);
        }
        return Integer.parseInt(key);
    }

    /// One law of replicas, or one in N for each M; over its own M = 1, or over the law of the reference.
    private static LossRatio ratio(YamlTable loss, Path folder) {
        Optional<FittedLaw> reference = loss.text("reference").map(file -> FittedLaw.read(folder, file));
        if (!loss.holdsTable("law")) {
            FittedLaw law = FittedLaw.read(folder, loss.text("law").orElseThrow());
            return reference.<LossRatio>map(beside -> new LossRatio.Beside(law, beside)).orElseGet(() -> new LossRatio.Fitted(law));
        }
        YamlTable files = loss.table("law");
        TreeMap<Integer, FittedLaw> laws = new TreeMap<>();
        for (String replicas : files.keys()) {
            laws.put(wholeKey(files, replicas, "replicas; write a law for each, such as {2: of-two.json, 4: of-four.json}"),
                    FittedLaw.read(folder, files.text(replicas).orElseThrow()));
        }
        if (laws.keySet().stream().noneMatch(replicas -> replicas > 1)) {
            throw files.wrong("there is no law of more than one replica; write {2: of-two.json, 4: of-four.json}");
        }
        return new LossRatio.OfEach(laws, reference.orElseThrow(() -> loss.wrong(
                "laws of each number of replicas need the law of data parallelism to stand beside; add reference")));
    }
}
