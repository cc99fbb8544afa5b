import Glibc

/// A regular expression as grep has it: POSIX, of bytes.
final class PosixRegex {
    private var compiled = regex_t()

    /// - Throws: ``UsageError`` with the system's reason.
    init(_ pattern: String, isExtended: Bool = true, ignoresCase: Bool = false) throws(UsageError) {
        var flags: Int32 = 0
        if isExtended { flags |= REG_EXTENDED }
        if ignoresCase { flags |= REG_ICASE }
        let result = regcomp(&compiled, pattern, flags)
        guard result == 0 else {
            var text = [CChar](repeating: 0, count: 200)
            regerror(result, &compiled, &text, text.count)
            let reason = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            throw UsageError("\(pattern) is not a regular expression: \(reason)")
        }
    }

    deinit {
        regfree(&compiled)
    }

    /// Whether the expression is found in `text`, which may have NULs in it.
    func matches(_ text: some Collection<UInt8>) -> Bool {
        var match = regmatch_t(rm_so: 0, rm_eo: regoff_t(text.count))
        var bytes = text.map { CChar(bitPattern: $0) }
        bytes.append(0)
        return regexec(&compiled, bytes, 1, &match, REG_STARTEND) == 0
    }
}
