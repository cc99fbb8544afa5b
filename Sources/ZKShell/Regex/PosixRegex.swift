import ShellLanguage

/// A regular expression as grep has it: POSIX and GNU's additions. Characters are UTF-8, classes those of ASCII, whatever
/// the locale.
///
/// The system's library takes hours and all memory for some expressions, and no signal ends it. Here the time is in
/// proportion to the text, but with back references, whose steps are limited; and a cancelled task ends it.
final class PosixRegex {
    private enum Matcher {
        case automaton(RegexAutomaton)
        case backtracker(RegexBacktracker)
    }

    private let matcher: Matcher

    /// - Parameter isFixed: the pattern is plain text.
    /// - Throws: ``UsageError`` with the reason.
    init(
        _ pattern: [UInt8], isExtended: Bool = true, isFixed: Bool = false, ignoresCase: Bool = false
    ) throws(UsageError) {
        do throws(UsageError) {
            let tree =
                isFixed
                ? RegexParser.literal(pattern, ignoresCase: ignoresCase)
                : try RegexParser.parse(pattern, isExtended: isExtended, ignoresCase: ignoresCase)
            let program = try RegexProgram(tree, ignoresCase: ignoresCase)
            matcher =
                program.hasBackReference ? .backtracker(RegexBacktracker(program)) : .automaton(RegexAutomaton(program))
        } catch {
            let text = String(decoding: pattern.prefix(200), as: UTF8.self)
            throw UsageError("\(text) is not a regular expression: \(error.message)")
        }
    }

    convenience init(_ pattern: String, isExtended: Bool = true, ignoresCase: Bool = false) throws(UsageError) {
        try self.init(Array(pattern.utf8), isExtended: isExtended, ignoresCase: ignoresCase)
    }

    /// Whether the expression is found in `text`, which may have NULs in it.
    ///
    /// - Throws: ``ShellError`` when the task is cancelled, or the steps for a back reference are too many.
    func matches(_ text: some Collection<UInt8>) throws(ShellError) -> Bool {
        if let found = text.withContiguousStorageIfAvailable({ find(in: $0) }) { return try found.get() }
        return try Array(text).withUnsafeBufferPointer { find(in: $0) }.get()
    }

    private func find(in text: UnsafeBufferPointer<UInt8>) -> Result<Bool, ShellError> {
        let interruption = { () throws(ShellError) in
            if Task.isCancelled { throw ShellError(CancellationError()) }
        }
        do throws(ShellError) {
            switch matcher {
            case .backtracker(let matcher): return .success(try matcher.matches(text, interruption: interruption))
            case .automaton(let matcher): return .success(try matcher.matches(text, interruption: interruption))
            }
        } catch {
            return .failure(error)
        }
    }
}
