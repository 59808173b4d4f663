using System.Collections.Concurrent;
using Lazaret.Node.Programs;

namespace Lazaret.Node.Models;

/// <summary>Whether a model's image is on this machine as it was registered: without it no job is admitted that would only wait.</summary>
internal sealed class ModelAvailability(ProgramRun programs, TimeProvider time)
{
    // To look goes through every entry of the image, which is too much for each request.
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<string, (DateTimeOffset At, bool IsHere)> _seen = new(StringComparer.Ordinal);

    public bool IsHere(Model model)
    {
        var now = time.GetUtcNow();
        if (_seen.TryGetValue(model.Name, out var seen) && now - seen.At < Fresh)
            return seen.IsHere;
        var isHere = programs.IsPinned(model.Row);
        _seen[model.Name] = (now, isHere);
        return isHere;
    }
}
