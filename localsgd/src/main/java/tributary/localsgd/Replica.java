package tributary.localsgd;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.DoubleSupplier;
import tributary.localsgd.codec.Channel;
import tributary.model.NonFiniteException;
import tributary.model.Trainer;
import tributary.model.optimizer.Optimizer;
import tributary.model.optimizer.Schedule;
import tributary.tensor.Binary;
import tributary.tensor.Kernels;
import tributary.tensor.Shape;
import tributary.tensor.Tensor;

/// One of M workers: its own parameters theta_m, inner optimizer, share of the data, line to the others, and threads. What
/// a round makes of it is a pure function of the global parameters and its own state.
///
/// A step of its own has two halves, [#gradient] and [#update]; an algorithm may put something between them.
/// [#innerStep] is both.
///
/// Not for several threads.
public final class Replica {
    private final int index;
    private final Objective objective;
    private final Optional<InnerOpt> innerOpt;
    private final Equipment equipment;
    private final StepObserver observer;
    private final Map<String, Tensor> memories = new LinkedHashMap<>();
    private int step;
    private double loss;
    private boolean cutOff;

    /// How a replica trains between synchronisations.
    ///
    /// @param clip the largest gradient norm, infinity for none
    /// @param fresh whether the optimizer forgets what it has gathered whenever the replica takes over global parameters
    public record InnerOpt(Optimizer optimizer, Schedule schedule, double clip, boolean fresh) {

        /// With an optimizer that keeps what it has gathered.
        public InnerOpt(Optimizer optimizer, Schedule schedule, double clip) {
            this(optimizer, schedule, clip, false);
        }
    }

    /// What an algorithm asks of a replica besides training.
    ///
    /// @param memories names of flat vectors that it keeps from round to round, zero at first
    /// @param channel the line to the others; empty for one that carries float32 as it is
    /// @param pace how fast the replicas are against each other
    public record Equipment(List<String> memories, Optional<Channel> channel, Pace pace) {

        /// Nothing kept, nothing encoded, M replicas equally fast.
        public static Equipment plain(int replicas) {
            return new Equipment(List.of(), Optional.empty(), Pace.equal(replicas));
        }
    }

    /// @param index m, 0 for the first
    /// @param objective what it makes smaller, on its share of the data
    /// @param innerOpt empty for a replica that only computes gradients
    public Replica(int index, Objective objective, Optional<InnerOpt> innerOpt, Equipment equipment, StepObserver observer) {
        this.index = index;
        this.objective = objective;
        this.innerOpt = innerOpt;
        this.equipment = equipment;
        this.observer = observer;
        for (String name : equipment.memories) {
            memories.put(name, Tensor.zeros(parameters().elements()));
        }
    }

    /// Takes over the global parameters where the replica is at the beginning of the round; where an earlier session stopped
    /// inside the round, the replica has parameters of its own to go on from.
    ///
    /// @param theta theta(t-1), flat, only read
    public void start(Tensor theta, Round round) {
        if (step == round.first()) {
            takeOver(theta);
        }
    }

    /// Takes over global parameters, and forgets what its optimizer has gathered where it is to do so.
    void takeOver(Tensor theta) {
        parameters().set(theta);
        if (innerOpt().fresh) {
            innerOpt().optimizer.state().values().forEach(buffer -> buffer.fill(0));
            innerOpt().optimizer.resume(0);
        }
    }

    /// Loses what it has gathered besides its parameters, as a machine does that fails.
    public void forget() {
        state().values().forEach(buffer -> buffer.fill(0));
        innerOpt.ifPresent(inner -> inner.optimizer.resume(0));
    }

    /// Takes over what the inner optimizer of another replica has gathered.
    ///
    /// @return bytes that moves, in float32
    long takeOptimizer(Replica other) {
        Map<String, Tensor> theirs = other.innerOpt().optimizer.state();
        innerOpt().optimizer.state().forEach((name, buffer) -> buffer.set(theirs.get(name)));
        innerOpt().optimizer.resume(other.optimizerSteps());
        return theirs.values().stream().mapToLong(Message::dense).sum();
    }

    /// Counts steps that it does not take, because it is not there.
    ///
    /// @param last steps counted afterwards, over all rounds
    /// @throws StoppedException where the observer allows no further step
    public void sitOut(int last) {
        while (step < last) {
            skip(() -> {});
        }
    }

    /// Stands where a replica of this index stands when a round is over, with an optimizer that has taken no step.
    void joinAfter(Round round) {
        resume(equipment.pace.stepsAfter(index, round), 0);
    }

    /// Takes over the initial parameters where the replica has not begun yet: for algorithms whose replicas go on from their
    /// own ever after.
    public void join(Tensor theta) {
        if (step == 0) {
            parameters().set(theta);
        }
    }

    /// Takes the steps of a round from the global parameters on.
    ///
    /// @param theta theta(t-1), flat, only read
    /// @return theta_m, flat: the replica's own buffer
    /// @throws StoppedException where the observer allows no further step
    public Tensor innerSteps(Tensor theta, Round round) {
        start(theta, round);
        return innerStepsTo(round.last());
    }

    /// Takes steps from wherever it is.
    ///
    /// @param last steps done afterwards, over all rounds
    /// @return theta_m, flat: the replica's own buffer
    /// @throws StoppedException where the observer allows no further step
    public Tensor innerStepsTo(int last) {
        while (step < last) {
            innerStep();
        }
        return parameters();
    }

    /// One step: gradient, clipping, inner optimizer.
    public void innerStep() {
        gradient();
        update();
    }

    /// The first half of a step: the gradient of the loss on this replica's rows of the step's batch, at theta_m.
    ///
    /// @return (P), may be changed, valid until the next step
    /// @throws StoppedException where the observer allows no further step
    public Tensor gradient() {
        begin();
        loss = attempt(() -> objective.gradient(step));
        return gradients();
    }

    /// The second half of a step: clips what stands in [#gradients] and takes the inner optimizer's step.
    public void update() {
        update(1);
    }

    /// As [#update()], at a multiple of the learning rate.
    public void update(double factor) {
        InnerOpt inner = innerOpt();
        attempt(() -> Trainer.update(kernels(), parameters(), gradients(), inner.optimizer, lr() * factor, inner.clip));
        end();
    }

    /// The second half of a step whose gradient goes elsewhere.
    public void end() {
        step++;
        report(() -> observer.finished(index, step, loss));
    }

    /// Counts a step in which no loss is measured and the data of the step stay unread.
    ///
    /// @throws StoppedException where the observer allows no further step
    public void skip(Runnable work) {
        begin();
        work.run();
        step++;
        report(() -> observer.skipped(index, step));
    }

    /// Delta_m = theta - theta_m. It is written over the gradients, which are spent by then.
    ///
    /// @param local theta_m
    /// @return (P), valid until the next step
    public Tensor delta(Tensor theta, Tensor local) {
        kernels().binary(Binary.SUBTRACT, theta, local, gradients());
        return gradients();
    }

    /// A vector as it is, in float32, whatever the line encodes.
    public Message message(Tensor vector) {
        return new Message(index, vector, Message.dense(vector));
    }

    /// Sends a vector to the others.
    ///
    /// @param vector flat; afterwards it holds what arrived
    /// @param round of the message
    /// @throws NonFiniteException where a number cannot be encoded
    public Message send(Tensor vector, Round round) {
        return send(vector, 0, vector.elements(), round);
    }

    /// Sends a range of a vector to the others.
    ///
    /// @param vector flat; afterwards the range holds what arrived
    public Message send(Tensor vector, int from, int elements, Round round) {
        Tensor range = vector.range(from, Shape.of(elements));
        if (equipment.channel.isEmpty()) {
            return message(range);
        }
        return new Message(index, range, equipment.channel.get().send(vector, from, elements, round.index()));
    }

    private synchronized void begin() {
        if (cutOff || !observer.mayStart(index, step + 1)) {
            throw new StoppedException();
        }
    }

    private synchronized void report(Runnable event) {
        if (cutOff) {
            throw new StoppedException();
        }
        event.run();
    }

    /// Nobody hears of the replica from here on, and at the next beginning or end of a step its thread stops. For a thread
    /// other than its own, which may hang.
    synchronized void cutOff() {
        cutOff = true;
    }

    private double attempt(DoubleSupplier work) {
        try {
            return work.getAsDouble();
        } catch (NonFiniteException e) {
            throw new NonFiniteException("step " + (step + 1) + ", replica " + index + ": " + e.getMessage());
        }
    }

    private InnerOpt innerOpt() {
        return innerOpt.orElseThrow(() -> new IllegalStateException("replica " + index + " has no inner optimizer"));
    }

    /// m, 0 for the first.
    public int index() {
        return index;
    }

    /// theta_m, flat.
    public Tensor parameters() {
        return objective.parameters();
    }

    /// Of the step it is in, flat.
    public Tensor gradients() {
        return objective.gradients();
    }

    /// Replaces the gradient of the step it is in.
    public Replica gradients(Tensor other) {
        gradients().set(other);
        return this;
    }

    /// A vector of its own that it keeps from round to round.
    public Tensor memory(String name) {
        Tensor memory = memories.get(name);
        if (memory == null) {
            throw new IllegalArgumentException("replica " + index + " keeps " + memories.keySet() + ", not " + name);
        }
        return memory;
    }

    /// The inner learning rate of its next step, or of the step it is in: that of the global step it falls into.
    public double lr() {
        return innerOpt().schedule.lr(equipment.pace.globalStepOf(index, step + 1) - 1);
    }

    public Kernels kernels() {
        return objective.kernels();
    }

    /// Steps done, over all rounds.
    public int step() {
        return step;
    }

    /// The steps its inner optimizer has taken, 0 without one.
    public int optimizerSteps() {
        return innerOpt.map(inner -> inner.optimizer.steps()).orElse(0);
    }

    /// The buffers that, besides its parameters and counts, are its whole state: by name, the buffers themselves.
    public Map<String, Tensor> state() {
        Map<String, Tensor> state = new LinkedHashMap<>();
        innerOpt.ifPresent(inner -> state.putAll(inner.optimizer.state()));
        equipment.channel.ifPresent(channel -> channel.state().forEach((name, buffer) -> state.put("channel." + name, buffer)));
        memories.forEach((name, buffer) -> state.put("memory." + name, buffer));
        return state;
    }

    /// Continues after the given steps, from parameters and buffers that have been filled in.
    public void resume(int step, int optimizerSteps) {
        this.step = step;
        innerOpt.ifPresent(inner -> inner.optimizer.resume(optimizerSteps));
    }
}
