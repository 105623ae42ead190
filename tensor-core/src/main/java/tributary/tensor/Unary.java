package tributary.tensor;

/// Functions of one number, applied to every element. Each knows its value and its derivative in float64: the
/// definition that every backend is judged by.
public enum Unary {
    /// e^x.
    EXP,
    /// The natural logarithm.
    LOG,
    TANH,
    /// 1 / (1 + e^-x).
    SIGMOID,
    /// max(x, 0); the derivative at 0 is 0.
    RELU,
    /// x * sigmoid(x). Elfwing et al. 2017, arXiv:1702.03118.
    SILU,
    /// 0.5 x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))): GPT-2's form. Hendrycks and Gimpel 2016, arXiv:1606.08415.
    GELU_TANH,
    /// x Phi(x) with the exact normal distribution function. Hendrycks and Gimpel 2016, arXiv:1606.08415.
    GELU_ERF
}
