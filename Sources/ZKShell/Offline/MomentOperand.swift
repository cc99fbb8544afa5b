internal import Glibc
public import ShellLanguage
internal import ZKCore
public import ZKReplica

/// A moment as it is written: `now`, a zxid, or a time. A time is local unless it ends in `Z`.
public struct MomentOperand: ShellValue, Hashable {
    public var moment: Moment

    public init?(argument: String) {
        self.init(argument, nowMillis: Timestamp.nowMillis())
    }

    public init(word: Word) throws(UsageError) {
        guard let value = Self(argument: word.text) else {
            throw UsageError(
                "\(word.text) is not a moment: write now, a zxid such as 0x5000a1b2c, or a time such as 10:01, -15m or "
                    + "2026-11-27T10:01:44Z")
        }
        self = value
    }

    init?(_ text: String, nowMillis: Int64) {
        if text == "now" {
            moment = .now
        } else if let zxid = Self.zxid(text) {
            moment = .zxid(zxid)
        } else if text.hasPrefix("-"), let age = DurationOperand(argument: String(text.dropFirst())) {
            moment = .time(millis: nowMillis - Int64(age.duration / .milliseconds(1)))
        } else if let millis = Self.millis(text, nowMillis: nowMillis) {
            moment = .time(millis: millis)
        } else {
            return nil
        }
    }

    /// `0x5000a1b2c`, or epoch and counter: `0x5:0xa1b2c`.
    private static func zxid(_ text: String) -> Zxid? {
        func number(_ text: Substring) -> UInt64? {
            text.hasPrefix("0x") ? UInt64(text.dropFirst(2), radix: 16) : nil
        }
        guard let colon = text.firstIndex(of: ":") else {
            return number(text[...]).flatMap { Int64(exactly: $0) }.map { Zxid(rawValue: $0) }
        }
        guard let epoch = number(text[..<colon]).flatMap({ UInt32(exactly: $0) }), epoch <= UInt32(Int32.max),
            let counter = number(text[text.index(after: colon)...]).flatMap({ UInt32(exactly: $0) })
        else { return nil }
        return Zxid(epoch: epoch, counter: counter)
    }

    // MARK: Times

    /// `10:01`, `10:01:44`, `2026-11-27`, `2026-11-27T10:01`, `2026-11-27T10:01:44.120`, and each of them with a `Z`.
    private static func millis(_ text: String, nowMillis: Int64) -> Int64? {
        var text = text[...]
        let isUTC = text.last == "Z"
        if isUTC { text.removeLast() }
        let halves = text.split(omittingEmptySubsequences: false) { $0 == "T" || $0 == " " }
        guard let first = halves.first, halves.count <= 2 else { return nil }
        let (date, clock) = first.contains(":") ? (nil, first) : (first, halves.count == 2 ? halves[1] : nil)
        if date == nil, halves.count == 2 { return nil }
        guard let (hour, minute, second, millis) = clock.map(Self.clock) ?? (0, 0, 0, 0) else { return nil }
        var fields = tm()
        if let date {
            let parts = date.split(separator: "-", omittingEmptySubsequences: false).map(Self.number)
            guard parts.count == 3, let year = parts[0], let month = parts[1], let day = parts[2],
                (1970...9999).contains(year), (1...12).contains(month), (1...31).contains(day)
            else { return nil }
            (fields.tm_year, fields.tm_mon, fields.tm_mday) = (Int32(year - 1900), Int32(month - 1), Int32(day))
        } else {
            var now = time_t(nowMillis / 1000)
            if isUTC { gmtime_r(&now, &fields) } else { localtime_r(&now, &fields) }
        }
        (fields.tm_hour, fields.tm_min, fields.tm_sec) = (Int32(hour), Int32(minute), Int32(second))
        func seconds() -> Int64 {
            fields.tm_isdst = -1
            return Int64(isUTC ? timegm(&fields) : mktime(&fields))
        }
        var result = seconds() * 1000 + Int64(millis)
        // The most recent one.
        if date == nil, result > nowMillis {
            fields.tm_mday -= 1
            result = seconds() * 1000 + Int64(millis)
        }
        return result
    }

    private static func clock(_ text: Substring) -> (Int, Int, Int, Int)? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard (2...3).contains(parts.count), let hour = number(parts[0]), let minute = number(parts[1]), hour < 24,
            minute < 60
        else { return nil }
        guard parts.count == 3 else { return (hour, minute, 0, 0) }
        let halves = parts[2].split(separator: ".", omittingEmptySubsequences: false)
        guard let second = number(halves[0]), second < 61, halves.count <= 2 else { return nil }
        guard halves.count == 2 else { return (hour, minute, second, 0) }
        let digits = (halves[1] + "00").prefix(3)
        guard !halves[1].isEmpty, let millis = number(digits) else { return nil }
        return (hour, minute, second, millis)
    }

    private static func number(_ text: Substring) -> Int? {
        guard !text.isEmpty, text.utf8.count < 6, text.utf8.allSatisfy(\.isDigit) else { return nil }
        return Int(text)
    }
}
