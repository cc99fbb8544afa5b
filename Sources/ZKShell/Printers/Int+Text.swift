extension BinaryInteger {
    /// With a comma before each three digits: `100,003`.
    var grouped: String {
        var text = ""
        for (index, digit) in String(magnitude).reversed().enumerated() {
            if index > 0, index % 3 == 0 { text.append(",") }
            text.append(digit)
        }
        return (self < 0 ? "-" : "") + String(text.reversed())
    }

    /// As a size: `511`, `9.5M`.
    var shortBytes: String {
        var value = Double(Int64(self))
        for unit in ["", "K", "M", "G", "T"] {
            if value < 999.5 || unit == "T" {
                guard unit != "", value < 9.95 else { return "\(Int(value.rounded()))\(unit)" }
                let tenths = Int((value * 10).rounded())
                return "\(tenths / 10).\(tenths % 10)\(unit)"
            }
            value /= 1024
        }
        return "\(self)"
    }
}
