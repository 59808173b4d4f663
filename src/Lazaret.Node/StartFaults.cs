using Lazaret.Node.Sandboxes;

namespace Lazaret.Node;

/// <summary>What stands in the way of a node's start. All of it is said at once.</summary>
internal sealed class StartFaults
{
    private readonly List<Exception> _faults = [];

    /// <summary>Whether nothing stands in the way so far.</summary>
    public bool IsEmpty => _faults.Count == 0;

    /// <summary>One line for each. A key that one step after another cannot read is one fault.</summary>
    public IEnumerable<string> Messages => _faults.Select(fault => fault.Message).Distinct(StringComparer.Ordinal);

    public void AddRange(IEnumerable<string> faults) => _faults.AddRange(faults.Select(fault => new InputException(fault)));

    /// <inheritdoc cref="TryAsync"/>
    public void Try(Action step)
    {
        try
        {
            step();
        }
        catch (Exception e) when (e is InputException or MissingException)
        {
            _faults.Add(e);
        }
    }

    /// <summary>Takes a step of the start; how it fails is kept.</summary>
    public async Task TryAsync(Func<Task> step)
    {
        try
        {
            await step();
        }
        catch (Exception e) when (e is InputException or MissingException or SandboxException)
        {
            _faults.Add(e);
        }
    }

    /// <exception cref="InputException">Only the configuration is at fault.</exception>
    /// <exception cref="MissingException">Something that the node needs is missing.</exception>
    public void Throw()
    {
        if (_faults.Count == 0)
            return;
        var lines = string.Join('\n', Messages);
        throw _faults.TrueForAll(fault => fault is InputException) ? new InputException(lines) : new MissingException(lines);
    }
}
