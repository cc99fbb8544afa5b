extension UInt8 {
    public static let newline = UInt8(ascii: "\n")
    public static let carriageReturn = UInt8(ascii: "\r")

    /// A carriage return counts as a blank, so that files with CRLF line ends work.
    public var isBlank: Bool { self == 0x20 || self == 0x09 || self == .carriageReturn }
    public var isBlankOrNewline: Bool { isBlank || self == .newline }

    /// The value of a hexadecimal digit in either case; nil for another byte.
    public var hexDigitValue: UInt8? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
