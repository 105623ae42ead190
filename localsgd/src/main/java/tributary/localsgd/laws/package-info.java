/// Scaling laws: the loss of a trained model as a function of its size, its data and the way it was trained, fitted to
/// measured points, with intervals, and with a refusal where the points cannot say.
///
/// Letters: N non-embedding parameters, D tokens trained on, C compute (6 N D), M replicas, H local steps, L loss in nats.
@NullMarked
package tributary.localsgd.laws;

import org.jspecify.annotations.NullMarked;
