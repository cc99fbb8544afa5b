internal import ShellLanguage
internal import ZKRecipes

/// Whose names the znodes get.
struct LayoutOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Whose contenders are to count this one: curator (default) or kazoo.", valueName: "layout"))
    var layout: LayoutOperand?

    var recipeLayout: RecipeLayout { layout?.layout ?? .curator }

    /// What `help` says of it, for all of them.
    static let discussion = """
        All contenders at PATH must use one layout. zoosh waits for kazoo's that stand before it, but kazoo with its
        defaults does not count Curator's names: beside one that does not count it zoosh refuses (exit 10);
        --layout kazoo writes names that kazoo counts.
        """
}

/// A layout by its name.
enum LayoutOperand: String, CaseIterable, ShellValue {
    case curator
    case kazoo

    var layout: RecipeLayout {
        switch self {
        case .curator: .curator
        case .kazoo: .kazoo
        }
    }
}
