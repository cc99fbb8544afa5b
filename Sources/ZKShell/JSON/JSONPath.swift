internal import ShellLanguage
internal import ZKText

/// A way into a JSON value: `.servers[0].name`, `servers[-1]`, `["a.b"]`. A `$` in front is allowed.
struct JSONPath {
    private enum Step {
        case member(String)
        case element(Int)
    }

    private var steps: [Step] = []

    /// - Throws: ``UsageError`` that names what is not understood.
    init(_ text: String) throws(UsageError) {
        var rest = text[...]
        if rest.hasPrefix("$") { rest.removeFirst() }
        while let first = rest.first {
            if first == "[" {
                guard let end = rest.firstIndex(of: "]") else { throw UsageError("\(text): a [ without its ]") }
                let inner = rest[rest.index(after: rest.startIndex)..<end]
                if let index = Int(inner) {
                    steps.append(.element(index))
                } else if inner.count > 1, let quote = inner.first, quote == "\"" || quote == "'", inner.last == quote {
                    steps.append(.member(String(inner.dropFirst().dropLast())))
                } else {
                    throw UsageError("\(text): [\(inner)] is neither a number nor a name in quotes")
                }
                rest = rest[rest.index(after: end)...]
                continue
            }
            if first == "." { rest.removeFirst() }
            let name = rest.prefix { $0 != "." && $0 != "[" }
            if name.isEmpty {
                // A dot alone is the whole value.
                guard rest.isEmpty, steps.isEmpty else { throw UsageError("\(text): a name is missing after a dot") }
                return
            }
            steps.append(.member(String(name)))
            rest = rest[name.endIndex...]
        }
    }

    /// Nil when there is nothing.
    func value(in root: JSONValue) -> JSONValue? {
        var value = root
        for step in steps {
            let next: JSONValue?
            switch step {
            case .member(let name): next = value[name]
            case .element(let index):
                let elements = value.arrayValue ?? []
                let offset = index < 0 ? elements.count + index : index
                next = elements.indices.contains(offset) ? elements[offset] : nil
            }
            guard let next else { return nil }
            value = next
        }
        return value
    }
}
