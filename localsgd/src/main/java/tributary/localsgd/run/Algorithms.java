package tributary.localsgd.run;

import tributary.autograd.ParameterStore;
import tributary.localsgd.Algorithm;
import tributary.localsgd.DataParallel;
import tributary.localsgd.DiLoCo;
import tributary.localsgd.LocalSgd;
import tributary.localsgd.LocalSteps;
import tributary.localsgd.Lookahead;
import tributary.localsgd.PostLocalSgd;
import tributary.localsgd.SlowMo;
import tributary.model.optimizer.AdamW;
import tributary.model.optimizer.Optimizer;
import tributary.model.optimizer.Schedule;
import tributary.model.optimizer.Sgd;

/// Makes the algorithm, the optimizers and the schedules that a configuration asks for.
record Algorithms(RunConfig config, ParameterStore.Layout layout) {

    Algorithm algorithm() {
        int P = layout.elements();
        return switch (config.algorithm()) {
            case DATA_PARALLEL -> new DataParallel(innerOptimizer(), innerLr(), config.clip());
            case LOCAL_SGD -> new LocalSgd(localSteps());
            case POST_LOCAL_SGD -> new PostLocalSgd(config.dataParallelSteps(), localSteps());
            case DILOCO -> new DiLoCo(config.dataParallelSteps(), localSteps(), outerLr(), outerOptimizer(P));
            case SLOWMO -> new SlowMo(localSteps(), config.outerLr(), config.outerMomentum(), innerLr(), P);
            case LOOKAHEAD -> new Lookahead(localSteps(), config.outerLr());
        };
    }

    Optimizer innerOptimizer() {
        return new AdamW(layout, new AdamW.Hyperparameters(config.beta1(), config.beta2(), 1e-8, config.weightDecay()));
    }

    Schedule innerLr() {
        return switch (config.schedule()) {
            case COSINE -> new Schedule.WarmupCosine(config.lr(), config.minLr(), config.warmup(), config.steps());
            case WSD -> new Schedule.WarmupStableDecay(config.lr(), config.minLr(), config.warmup(), config.steps());
            case CONSTANT -> new Schedule.Constant(config.lr());
        };
    }

    private Optimizer outerOptimizer(int elements) {
        return new Sgd(elements, config.outerMomentum(), config.outerMomentum() > 0);
    }

    private Schedule outerLr() {
        return new Schedule.Constant(config.outerLr());
    }

    private LocalSteps localSteps() {
        if (config.qsrAlpha().isEmpty()) {
            return new LocalSteps.Constant(config.localSteps());
        }
        return new LocalSteps.Quadratic(config.localSteps(), config.qsrAlpha().getAsDouble(), innerLr(), config.warmup());
    }
}
