namespace Lazaret.Node.WebConsole.Parts;

/// <summary>What a page shows of a list: the entries that have the text the reader looks for, a hundred at a time.</summary>
internal sealed record ListPart<T>(IReadOnlyList<T> Shown, ListPlace Place)
{
    /// <summary>The part of a list that is not read yet.</summary>
    public static ListPart<T> None { get; } = new([], new ListPlace(null, 0, 0, 0, 0, "", ""));

    /// <param name="query">The page's address: <c>find</c>, and a parameter of the list's name with the number of entries before those shown.</param>
    /// <param name="name">The list's name in the address.</param>
    /// <param name="all">Every entry, in order.</param>
    /// <param name="textOf">What the reader may look for in an entry.</param>
    public static ListPart<T> Of(PageQuery query, string name, IReadOnlyList<T> all, Func<T, string> textOf)
    {
        var find = query.Text(ListPlace.FindName);
        var found = find is null ? all : [.. all.Where(one => textOf(one).Contains(find, StringComparison.OrdinalIgnoreCase))];
        var from = (int)Math.Clamp(query.Number(name) ?? 0, 0, found.Count);
        List<T> shown = [.. found.Skip(from).Take(ListPlace.Page)];
        return new ListPart<T>(shown, new ListPlace(find, from, shown.Count, found.Count, all.Count, query.With(name, null), query.With(name, from + shown.Count)));
    }
}
