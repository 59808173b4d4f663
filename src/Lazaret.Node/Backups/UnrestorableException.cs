namespace Lazaret.Node.Backups;

/// <summary>A database whose backup 'lazaret restore' would refuse. None is kept of it.</summary>
/// <param name="faults">A line each.</param>
internal sealed class UnrestorableException(IReadOnlyList<string> faults) : Exception(string.Join('\n', faults))
{
    public IReadOnlyList<string> Faults => faults;
}
