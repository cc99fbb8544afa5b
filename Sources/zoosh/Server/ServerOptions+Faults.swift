internal import ShellLanguage
internal import ZKServer
internal import ZKShell

extension ServerOptions {
    /// `drop=P,delay=DUR,expire=DUR,seed=N`, any of them.
    static func faults(_ text: String) throws(ShellError) -> ServerFaults {
        var faults = ServerFaults()
        for part in text.split(separator: ",") {
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            let value = pair.count > 1 ? pair[1] : ""
            switch pair[0] {
            case "drop":
                guard let probability = Double(value), (0...1).contains(probability) else {
                    throw .usage("--fault \(part): a probability from 0 to 1 is needed")
                }
                faults.dropProbability = probability
            case "delay": faults.delayMillis = try millis(value, in: part)
            case "expire": faults.sessionMillisMax = try millis(value, in: part)
            case "seed":
                guard let seed = UInt64(value) else { throw .usage("--fault \(part): a whole number is needed") }
                faults.seed = seed
            default:
                throw .usage("--fault \(part): there are drop=P, delay=DUR, expire=DUR and seed=N")
            }
        }
        return faults
    }

    private static func millis(_ value: String, in part: Substring) throws(ShellError) -> Int {
        guard let operand = DurationOperand(argument: value), operand.duration < .seconds(1 << 20) else {
            throw .usage("--fault \(part): write the time as 500ms, 30s or 2m")
        }
        return Int(operand.duration / .milliseconds(1))
    }
}
