package tributary.localsgd.cluster;

/// What a worker's failure costs it.
enum Fate {
    /// Nothing.
    GOOD,
    /// Its part in the round: its message does not get through.
    CUT_OFF,
    /// Its part in the round, and what it has gathered.
    FAILED
}
