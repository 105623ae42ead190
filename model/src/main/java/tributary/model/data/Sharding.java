package tributary.model.data;

/// Which part of the training text each replica reads. The text to judge by is the same for all: it is held back before.
public enum Sharding {
    /// All read all of it, each other places: independent and identically distributed.
    IID,
    /// Each file is read by one replica.
    BY_FILE,
    /// Each folder is read by one replica: the folders right below the deepest one that holds all files. Files that stand in none
    /// of them make up one more.
    BY_FOLDER,
    /// Each source of several with weights is read by one replica.
    BY_SOURCE
}
