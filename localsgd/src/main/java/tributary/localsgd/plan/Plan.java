package tributary.localsgd.plan;

import java.util.List;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// What a plan file comes to.
public final class Plan {
    private final String kind;
    private final List<String> findings;
    private final List<String> assumptions;
    private final List<Sheet> sheets;

    /// @param kind `clusters` or `devices`
    /// @param findings a sentence each
    /// @param assumptions a sentence each
    Plan(String kind, List<String> findings, List<String> assumptions, List<Sheet> sheets) {
        this.kind = kind;
        this.findings = List.copyOf(findings);
        this.assumptions = List.copyOf(assumptions);
        this.sheets = List.copyOf(sheets);
    }

    /// For people: what was found, tables, what was assumed. Sheets that are made to be drawn are left to [#toJson].
    public String toText() {
        StringBuilder text = new StringBuilder();
        findings.forEach(finding -> text.append(finding).append('\n'));
        sheets.stream().filter(sheet -> !sheet.isDrawn()).forEach(sheet -> text.append('\n').append(sheet.text()));
        text.append('\n').append("assumed\n");
        assumptions.forEach(assumption -> text.append("  ").append(assumption).append('\n'));
        return text.toString();
    }

    /// One object: `plan` (`clusters` or `devices`), `findings` and `assumptions` (texts), `sheets` (see docs/plan.md).
    public String toJson() {
        ObjectNode object = JsonMapper.shared().createObjectNode().put("plan", kind);
        findings.forEach(object.putArray("findings")::add);
        assumptions.forEach(object.putArray("assumptions")::add);
        object.putArray("sheets");
        sheets.forEach(sheet -> sheet.writeTo(object.withArray("sheets").addObject()));
        return object.toString();
    }
}
