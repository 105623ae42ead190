package tributary.localsgd.plan;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import tributary.localsgd.plan.Sheet.Chart;
import tributary.localsgd.plan.Sheet.Column;

/// What edge devices can contribute: how many it takes to be as fast as a reference machine, whether the model fits, how busy
/// they are, what churn costs, and where more devices stop to help. Formulas: [DeviceTime].
///
/// The number of devices is bounded by the batch, at least one sequence each, and by p, which grows with it.
///
/// @param work what is trained
/// @param reference what the devices are compared with
/// @param localSteps each H to look at
/// @param payloads each codec to look at
/// @param extra p
record EdgePlan(Work work, Reference reference, List<Device> devices, List<Integer> localSteps, List<Payload> payloads,
        ExtraTokens extra) {

    /// One machine, or a cluster counted as one.
    ///
    /// @param flops that it really does in a second
    /// @param price for an hour
    record Reference(String name, double flops, double price) {
        Reference {
            Work.positive("flops", flops, "what it really does in a second, such as 4e14");
            if (!(price >= 0 && price < Double.POSITIVE_INFINITY)) {
                throw new IllegalArgumentException("price " + price + " cannot be; give what it costs for an hour, 0 or more");
            }
        }
    }

    EdgePlan {
        if (work.batchTokens() < work.context()) {
            throw new IllegalArgumentException(
                    "batch-tokens " + work.batchTokens() + " are less than one sequence of " + work.context() + " tokens");
        }
        for (int H : localSteps) {
            if (H < 1) {
                throw new IllegalArgumentException("local-steps " + H + " is not positive");
            }
        }
        devices = List.copyOf(devices);
        localSteps = List.copyOf(localSteps);
        payloads = List.copyOf(payloads);
    }

    Plan plan() {
        List<DeviceTime> fastest = devices.stream().map(this::fastest).toList();
        return new Plan("devices", findings(fastest), assumptions(fastest), List.of(needed(), limits(fastest), scale(fastest)));
    }

    private double referenceSeconds() {
        return work.flops(work.tokens()) / reference.flops();
    }

    private int most() {
        return (int) Math.min(1e7, Math.floor(work.batchTokens() / work.context()));
    }

    private DeviceTime time(Device device, int n, int H, Payload payload) {
        return new DeviceTime(work, device, n, H, payload, extra.of(n, H));
    }

    /// Every way a kind of device can train with: each n is 1 % more than the one before.
    private Stream<DeviceTime> ways(Device device, int H, Payload payload) {
        return Stream.iterate(1, n -> n <= most(), n -> n == most() ? n + 1 : Math.min(most(), Math.max(n + 1, (int) (n * 1.01))))
                .map(n -> time(device, n, H, payload));
    }

    private DeviceTime fastest(Device device) {
        return localSteps.stream()
                .flatMap(H -> payloads.stream().flatMap(payload -> ways(device, H, payload)))
                .min(Comparator.comparingDouble(DeviceTime::seconds)).orElseThrow();
    }

    private boolean fits(Device device) {
        return DeviceTime.memory(work) <= device.memory();
    }

    private Sheet needed() {
        Sheet sheet = new Sheet("devices", "Devices that together are as fast as " + reference.name(), List.of(
                new Column("device", "device", Unit.TEXT), new Column("local_steps", "H", Unit.NUMBER),
                new Column("codec", "codec", Unit.TEXT), new Column("devices", "devices", Unit.NUMBER),
                new Column("step", "step", Unit.SECONDS), new Column("meeting", "meeting", Unit.SECONDS),
                new Column("utilization", "utilisation", Unit.SHARE), new Column("survival", "survival", Unit.SHARE),
                new Column("sequences", "sequences each", Unit.NUMBER), new Column("server", "server takes in", Unit.BITS_PER_SECOND),
                new Column("extra_tokens", "tokens x", Unit.NUMBER), new Column("hours", "time", Unit.HOURS),
                new Column("cost", "cost", Unit.NUMBER)));
        for (Device device : devices) {
            for (int H : localSteps) {
                for (Payload payload : payloads) {
                    Optional<DeviceTime> enough = ways(device, H, payload).filter(way -> way.seconds() <= referenceSeconds()).findFirst();
                    Object[] row = {device.name(), H, payload.text(), none(), none(), none(), none(), none(), none(), none(), none(),
                        none(), none()};
                    enough.ifPresent(way -> {
                        Object[] found = {way.devices(), way.step(), way.meeting(), way.utilization(), way.survival(), way.sequences(),
                            way.serverBandwidth(), way.extraTokens(), way.seconds() / 3600, cost(way)};
                        System.arraycopy(found, 0, row, 3, found.length);
                    });
                    sheet.row(row);
                }
            }
        }
        return sheet;
    }

    private static Double none() {
        return Double.NaN;
    }

    private double cost(DeviceTime way) {
        return way.seconds() / 3600 * way.devices() * way.device().price();
    }

    private Sheet limits(List<DeviceTime> fastest) {
        Sheet sheet = new Sheet("limits", "What limits them", List.of(
                new Column("device", "device", Unit.TEXT), new Column("memory", "memory", Unit.BYTES),
                new Column("memory_needed", "needed", Unit.BYTES), new Column("shards", "devices a replica", Unit.NUMBER),
                new Column("most_devices", "most by batch", Unit.NUMBER), new Column("best_devices", "fastest with", Unit.NUMBER),
                new Column("local_steps", "H", Unit.NUMBER), new Column("codec", "codec", Unit.TEXT),
                new Column("utilization", "utilisation", Unit.SHARE), new Column("survival", "survival", Unit.SHARE),
                new Column("extra_tokens", "tokens x", Unit.NUMBER), new Column("hours", "time", Unit.HOURS),
                new Column("cost", "cost", Unit.NUMBER), new Column("speedup", "of reference", Unit.NUMBER)));
        for (DeviceTime way : fastest) {
            sheet.row(way.device().name(), way.device().memory(), DeviceTime.memory(work),
                    Math.ceil(DeviceTime.memory(work) / way.device().memory()), most(), way.devices(), way.localSteps(),
                    way.payload().text(),
                    way.utilization(), way.survival(), way.extraTokens(), way.seconds() / 3600, cost(way),
                    referenceSeconds() / way.seconds());
        }
        return sheet;
    }

    private Sheet scale(List<DeviceTime> fastest) {
        List<Column> columns = new ArrayList<>(List.of(new Column("devices", "devices", Unit.NUMBER)));
        fastest.forEach(way -> columns.add(new Column("speedup_" + way.device().name(),
                way.device().name() + ", H " + way.localSteps() + ", " + way.payload().text(), Unit.NUMBER)));
        Sheet sheet = new Sheet("scale", "Speed beside " + reference.name() + " against the number of devices", columns,
                Optional.of(new Chart("devices", columns.stream().skip(1).map(Column::name).toList(), true, "speed-up")));
        for (int n = 1; n <= most(); n = n == most() ? n + 1 : (int) Math.min(most(), Math.ceil(n * 1.3))) {
            List<Object> row = new ArrayList<>(List.of(n));
            for (DeviceTime way : fastest) {
                row.add(referenceSeconds() / time(way.device(), n, way.localSteps(), way.payload()).seconds());
            }
            sheet.row(row.toArray());
        }
        return sheet;
    }

    private List<String> findings(List<DeviceTime> fastest) {
        List<String> findings = new ArrayList<>(List.of(String.format(Locale.ROOT, "%s: %s, cost %s.", reference.name(),
                Unit.HOURS.text(referenceSeconds() / 3600), Unit.NUMBER.text(referenceSeconds() / 3600 * reference.price()))));
        for (DeviceTime way : fastest) {
            Device device = way.device();
            if (!fits(device)) {
                findings.add(String.format(Locale.ROOT, "%s: a replica takes %s and a device has %s; it would have to be sharded over %s"
                        + " devices, which is not planned here: its figures are of devices with enough memory.", device.name(),
                        Unit.BYTES.text(DeviceTime.memory(work)), Unit.BYTES.text(device.memory()),
                        Unit.NUMBER.text(Math.ceil(DeviceTime.memory(work) / device.memory()))));
            }
            findings.add(Double.isInfinite(way.seconds())
                    ? device.name() + ": never gets to the loss."
                    : String.format(Locale.ROOT, "%s: at best %s times the speed of %s, with %s%s in %s, cost %s.", device.name(),
                            Unit.NUMBER.text(referenceSeconds() / way.seconds()), reference.name(),
                            way.devices() == 1 ? "1 device" : way.devices() + " devices",
                            way.devices() == most() ? " (the batch has no more sequences)" : "", Unit.HOURS.text(way.seconds() / 3600),
                            Unit.NUMBER.text(cost(way))));
        }
        distances(fastest).stream().filter(ExtraTokens.Distance::careful).forEach(far -> findings.add("Careful: " + far.text() + "."));
        return findings;
    }

    /// Of the largest numbers of devices that are of any use.
    private List<ExtraTokens.Distance> distances(List<DeviceTime> fastest) {
        return extra.distances(fastest.stream().mapToInt(DeviceTime::devices).max().orElseThrow(),
                fastest.stream().mapToInt(DeviceTime::localSteps).max().orElseThrow());
    }

    private List<String> assumptions(List<DeviceTime> fastest) {
        List<String> assumptions = new ArrayList<>(List.of(
                "FLOPs 6 N D; devices of a kind are alike, each takes B / n tokens a step, at least one sequence; the server is never the"
                        + " narrow place",
                "a device that leaves loses its round and another one takes its place; small batches cost nothing but what p says",
                extra.source()));
        distances(fastest).forEach(distance -> assumptions.add(distance.text()));
        return assumptions;
    }
}
