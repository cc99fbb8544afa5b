/// Whose names the znodes of a lock, an election or a semaphore have. All contenders at one path must agree on it.
public enum RecipeLayout: String, Sendable, CaseIterable {
    /// Those of Apache Curator.
    case curator
    /// Those that kazoo's recipes count with its defaults.
    case kazoo
}
