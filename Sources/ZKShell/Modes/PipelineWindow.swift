/// How many commands of a script may be under way, so that their answers fit into memory.
struct PipelineWindow {
    private static let commandsMax = 512
    /// Of all answers together, once their size is known. The first window of large ones can be larger.
    private static let answerBytesMax = 16 << 20

    private(set) var limit = 64

    /// Shrinks at once when answers are large, and grows with each that is not.
    mutating func saw(answerBytes: Int) {
        let fitting = max(4, min(Self.commandsMax, Self.answerBytesMax / max(1, answerBytes)))
        limit = min(limit + 1, fitting)
    }
}
