package tributary.localsgd.laws;

import java.util.List;

/// **Joint law of size, replicas and local steps**  L = A N^alpha M^beta H^gamma.   The joint law of Charles et al. 2025,
/// arXiv:2503.09799, carried on to H: the form is ours. M replicas that meet every H steps train like a model of
/// N M^(beta / alpha) H^(gamma / alpha) parameters.
/// Fit: least squares on ln L.   Coordinates: ln A, alpha, beta, gamma.
public record JointLocalSteps() implements Product {

    @Override
    public String name() {
        return "joint-local-steps";
    }

    @Override
    public String formula() {
        return "L = A N^alpha M^beta H^gamma";
    }

    @Override
    public String source() {
        return "after Charles et al. 2025, arXiv:2503.09799";
    }

    @Override
    public List<Quantity> quantities() {
        return List.of(Quantity.PARAMETERS, Quantity.REPLICAS, Quantity.LOCAL_STEPS);
    }

    @Override
    public List<Coefficient> unknowns() {
        return List.of(Coefficient.factor("A"), Coefficient.trend("alpha", -0.5, 0), Coefficient.exponent("beta", -0.1, 0.1),
                Coefficient.exponent("gamma", -0.1, 0.1));
    }
}
