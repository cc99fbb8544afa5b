import CSupport
import Glibc

/// Starts a process in a process group of its own that gets three descriptors and no others.
struct SpawnRequest {
    var executable: String
    var arguments: [String]
    /// nil passes on the environment of this process.
    var environment: [String: String]?
    var directory: String?
    var input: Int32
    var output: Int32
    var errors: Int32

    func spawn() throws -> pid_t {
        var pid: pid_t = -1
        let result = withCStrings([executable] + arguments) { argv in
            guard let environment else { return spawn(argv, nil, &pid) }
            return withCStrings(environment.map { "\($0.key)=\($0.value)" }) { spawn(argv, $0, &pid) }
        }
        guard result == 0 else { throw POSIXFailure(call: "posix_spawn \(executable)", errno: result) }
        return pid
    }

    private func spawn(
        _ argv: UnsafePointer<UnsafeMutablePointer<CChar>?>, _ envp: UnsafePointer<UnsafeMutablePointer<CChar>?>?,
        _ pid: inout pid_t
    ) -> Int32 {
        zoosh_test_spawn(executable, argv, envp, directory, input, output, errors, &pid)
    }
}

/// Lends `strings` as a null-terminated array of C strings.
func withCStrings<Value>(
    _ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Value
) -> Value {
    var pointers: [UnsafeMutablePointer<CChar>?] = strings.map { strdup($0) }
    pointers.append(nil)
    defer { for pointer in pointers { free(pointer) } }
    return pointers.withUnsafeBufferPointer { body($0.baseAddress!) }
}
