import Glibc
internal import ZKClient
internal import ZKCore
internal import ZKText

/// A line for each frame of the protocol: `--trace FILE`, and `-vv` on stderr. No data and no secrets are in it.
enum FrameTrace {
    /// Nil when nobody wants one.
    ///
    /// - Throws: ``ShellError`` 74 for a file that cannot be written.
    static func make(options: ShellOptions) throws(ShellError) -> ClientTrace? {
        var descriptors: [Int32] = []
        // Open for as long as the process lives, like the client's thread that writes to it.
        if let file = options.traceFile { descriptors.append(try LocalFile.create(file, appends: true, mode: 0o600)) }
        if options.verbosity > 1 { descriptors.append(STDERR_FILENO) }
        guard !descriptors.isEmpty else { return nil }
        return ClientTrace { [descriptors] frame in
            let line = Array((TerminalText.escaped(text(of: frame)) + "\n").utf8)
            // A trace that cannot be written is no reason to stop.
            for descriptor in descriptors { try? Output.writeAll(line, to: descriptor) }
        }
    }

    private static func text(of frame: ClientTrace.Frame) -> String {
        var text = Timestamp.iso(millis: Timestamp.nowMillis())
        text += frame.direction == .sent ? " > " : " < "
        text += "\(frame.server) xid=\(frame.xid) \(frame.operation)"
        if let path = frame.path { text += " \(path)" }
        text += " bytes=\(frame.bytes)"
        if let zxid = frame.zxid { text += " zxid=\(zxid)" }
        if let error = frame.error, error != .ok { text += " error=\(error)" }
        return text
    }
}
