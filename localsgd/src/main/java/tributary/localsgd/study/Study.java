package tributary.localsgd.study;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/// A grid of trainings, each different from all others.
///
/// @param place the file, for messages
/// @param data what all of them learn from, in the words of a run's setting `data`
/// @param tokenizer of all, in the words of the setting `tokenizer`; where it is learned, the name of its file in the store
/// @param vocabulary of a byte-level BPE to learn from the training text; empty for a tokenizer that is there
/// @param trials in the order of the file
public record Study(String place, String data, String tokenizer, OptionalInt vocabulary, List<Trial> trials) {
    /// Batches are whole numbers, so that budgets of the same size can differ by a part of one.
    private static final double SAME = 0.01;

    /// In which order the trials are run; which one does not change what comes of them.
    public enum Order {
        /// The best for several cores: none is left to the end that keeps one of them busy alone.
        LONGEST,
        /// Results come early.
        SHORTEST,
        /// As in the file.
        FILE
    }

    /// @throws IllegalArgumentException where two trials are the same, or trials of one budget differ in it
    public Study {
        trials = List.copyOf(trials);
        if (trials.isEmpty()) {
            throw new IllegalArgumentException(place + ": the study has no training in it; give sizes and at least one grid");
        }
        requireDifferent(place, trials);
        requireFair(place, trials);
    }

    private static void requireDifferent(String place, List<Trial> trials) {
        Map<String, Trial> seen = new HashMap<>();
        for (Trial trial : trials) {
            Trial before = seen.putIfAbsent(trial.hash(), trial);
            if (before != null) {
                throw new IllegalArgumentException(place + ": " + trial.label() + " stands twice, in grid "
                        + (before.grid().equals(trial.grid()) ? trial.grid() : before.grid() + " and in grid " + trial.grid())
                        + "; leave it out of one: a result counts for both");
            }
        }
    }

    /// Trainings of one size and one budget are compared, so they see the same number of tokens.
    private static void requireFair(String place, List<Trial> trials) {
        Map<List<Object>, Trial> first = new HashMap<>();
        for (Trial trial : trials) {
            Trial before = first.putIfAbsent(List.of(trial.size(), trial.tokensPerParameter()), trial);
            if (before != null && Math.abs((double) trial.tokens() / before.tokens() - 1) > SAME) {
                throw new IllegalArgumentException(place + ": " + before.label() + " trains on " + before.tokens() + " tokens and "
                        + trial.label() + " on " + trial.tokens()
                        + ", though both are to have the same budget; take smaller batches, so that whole ones fit it");
            }
        }
    }

    /// The trials in an order.
    List<Trial> inOrder(Order order) {
        List<Trial> sorted = new ArrayList<>(trials);
        switch (order) {
            case LONGEST -> sorted.sort(Comparator.comparingDouble(Trial::leastFlops).reversed());
            case SHORTEST -> sorted.sort(Comparator.comparingDouble(Trial::leastFlops));
            case FILE -> {}
        }
        return sorted;
    }
}
