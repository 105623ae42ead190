package tributary.localsgd.plan;

/// **Streaming DiLoCo**: the model is merged in P fragments in turn, each every H steps, while up to tau steps go on.   Douillard
/// et al. 2025, arXiv:2501.18512.
///
/// The same bytes as DiLoCo, at a lower peak. With t for a step that does not wait and f for the exchange of a fragment, H steps
/// wait for what is not hidden behind tau steps, and never less than for what one line cannot move in the time:
///
/// ```
/// waiting of H steps = max(P max(0, f - tau t),  P f - H t if tau > 0)
/// ```
///
/// With tau = 0 and P = 1 it is DiLoCo. Differs from the paper: what a step hides of its own exchange is left out here; see
/// [LayerGraph].
///
/// @param step without merging
/// @param fragment f, seconds
/// @param localSteps H
/// @param fragments P
/// @param overlap tau
record StreamingTime(StepTime step, double fragment, int localSteps, int fragments, int overlap) {

    StepTime withMerges() {
        double t = step.all();
        double late = fragments * Math.max(0, fragment - overlap * t);
        double crowded = fragments * fragment - localSteps * t;
        double waiting = overlap > 0 ? Math.max(late, crowded) : late;
        return new StepTime(step.compute(), step.waiting(), step.inside(), step.between() + waiting / localSteps);
    }
}
