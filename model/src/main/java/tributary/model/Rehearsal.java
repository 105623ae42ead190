package tributary.model;

import java.util.concurrent.atomic.AtomicBoolean;
import tributary.autograd.ParameterStore;
import tributary.model.data.BatchSource;
import tributary.model.optimizer.AdamW;
import tributary.model.optimizer.Schedule;
import tributary.tensor.IntTensor;
import tributary.tensor.Kernels;

/// Trains a tiny model on nothing, in the background, while data are read and the real model is made, so that the JVM's
/// compiler knows the kernels before the first real step.
///
/// Until a kernel is compiled it is interpreted, hundreds of times slower. The compiler looks at how often a method was
/// called, not at how long it took: the many short calls of a tiny model bring it to its work within seconds, the few
/// long calls of a large one do not. Compiled code belongs to the process, so one rehearsal in a process is enough.
public final class Rehearsal {
    private static final AtomicBoolean HELD = new AtomicBoolean();
    /// So small because the compiler counts calls, and until it acts a step of twice the width takes four times as long; large
    /// enough for whole tiles and for what is left over at the edges.
    private static final GptConfig SHAPE = new GptConfig(1, 2, 64, 100, 32);
    private static final int BATCH = 1;
    private static final double LONGEST_SECONDS = 10;
    /// The step is as fast as it gets when it has not become faster by a tenth for so long and so often.
    private static final double STEADY_SECONDS = 0.4;
    private static final int STEADY_STEPS = 30;
    /// A first step of more floating-point operations than this is worth waiting for: interpreted, it would take seconds.
    private static final double WORTH_WAITING = 2e10;

    private final Thread thread;
    private volatile boolean stopped;

    private Rehearsal(boolean needed) {
        thread = Thread.ofPlatform().daemon().name("tributary-rehearsal")
                .uncaughtExceptionHandler((it, e) -> {}) // what fails here fails in the real steps too, and is reported there
                .unstarted(this::run);
        if (needed) {
            thread.start();
        }
    }

    /// Begins the rehearsal, unless this process has already had one.
    public static Rehearsal start() {
        return new Rehearsal(!HELD.getAndSet(true));
    }

    /// Ends it: at once before small steps; before large ones when the tiny step is as fast as it gets, after 10 seconds at
    /// the latest.
    ///
    /// @param flops floating-point operations of a real step
    public void end(double flops) {
        if (flops > WORTH_WAITING) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        stopped = true;
    }

    private void run() {
        long begin = System.nanoTime();
        try (Kernels kernels = Kernels.simd(1)) {
            Gpt model = Gpt.initialized(SHAPE, 0);
            Trainer trainer = new Trainer(model, kernels, new Zeros(), 0);
            ParameterStore.Layout layout = model.parameters().layout();
            AdamW optimizer = new AdamW(layout, new AdamW.Hyperparameters(0.9, 0.99, 1e-8, 0.1));
            Schedule schedule = new Schedule.Constant(1e-4);
            double fastest = Double.POSITIVE_INFINITY;
            double now = 0;
            double fasterAt = 0;
            int fasterStep = 0;
            boolean steady = false;
            for (int step = 0; !stopped && now < LONGEST_SECONDS && !steady; step++) {
                trainer.step(step, optimizer, schedule, 1);
                double then = now;
                now = (System.nanoTime() - begin) * 1e-9;
                if (now - then < 0.9 * fastest) {
                    fastest = now - then;
                    fasterAt = now;
                    fasterStep = step;
                }
                steady = now > fasterAt + STEADY_SECONDS && step > fasterStep + STEADY_STEPS;
            }
        }
    }

    /// Batches of nothing but token 0.
    private record Zeros() implements BatchSource {
        @Override
        public int batch() {
            return BATCH;
        }

        @Override
        public int context() {
            return SHAPE.context();
        }

        @Override
        public void fill(long step, int replica, int replicas, IntTensor ids, IntTensor targets) {}
    }
}
