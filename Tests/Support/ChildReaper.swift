import CSupport
import Foundation
import Glibc
import Synchronization

/// Sees to it that nothing outlives the test process, however it ends.
///
/// A small shell reads from a pipe whose other end only this process holds. When the pipe ends, the test process is
/// gone, killed or not: the shell then kills the process groups that are still registered and removes the directory of
/// temporary files.
enum ChildReaper {
    private static let script = """
        trap '' INT TERM HUP QUIT
        live=' '
        while read -r word group; do
            case $word in
                +) live="$live$group " ;;
                -) live="${live%% "$group" *} ${live#* "$group" }" ;;
            esac
        done
        for group in $live; do kill -KILL "-$group" 2>/dev/null; done
        rm -rf "$1"
        """

    /// The write end of the pipe, and the directory that the shell removes at the end.
    private struct Reaper {
        let descriptor: Int32
        let directory: String
    }

    private static let reaper = Mutex<Reaper?>(nil)

    /// Where the temporary files of this process are.
    static func temporaryDirectory() throws -> String {
        try reaper.withLock { try start(&$0).directory }
    }

    static func register(group: pid_t) throws {
        try reaper.withLock { write("+ \(group)\n", to: try start(&$0).descriptor) }
    }

    static func forget(group: pid_t) {
        reaper.withLock { if let reaper = $0 { write("- \(group)\n", to: reaper.descriptor) } }
    }

    private static func start(_ reaper: inout Reaper?) throws -> Reaper {
        if let reaper { return reaper }
        let directory = FileManager.default.temporaryDirectory
            .appending(path: "zoosh-tests-\(getpid())-\(UInt32.random(in: .min ... .max))").path(percentEncoded: false)
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        var ends: [Int32] = [-1, -1]
        let result = zoosh_test_pipe(&ends)
        guard result == 0 else { throw POSIXFailure(call: "pipe", errno: result) }
        let null = open("/dev/null", O_WRONLY | O_CLOEXEC)
        defer {
            close(null)
            close(ends[0])
        }
        _ = try SpawnRequest(
            executable: "/bin/sh", arguments: ["-c", script, "zoosh-test-reaper", directory], input: ends[0],
            output: null, errors: null
        ).spawn()
        let started = Reaper(descriptor: ends[1], directory: directory)
        reaper = started
        return started
    }

    private static func write(_ line: String, to descriptor: Int32) {
        var line = line
        line.withUTF8 { bytes in
            let written = Glibc.write(descriptor, bytes.baseAddress, bytes.count)
            precondition(written == bytes.count, "a line is shorter than PIPE_BUF and goes out whole")
        }
    }
}

/// A call of the operating system failed.
public struct POSIXFailure: Error, CustomStringConvertible {
    public let call: String
    public let errno: Int32

    public var description: String { "\(call): \(String(cString: strerror(errno)))" }
}
