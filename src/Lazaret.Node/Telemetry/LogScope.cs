namespace Lazaret.Node.Telemetry;

/// <summary>What the lines of a stretch of work are about. Only these scopes are written: the framework's hold the path that a client sent.</summary>
/// <param name="TraceId">As in the problem document that the client was sent.</param>
internal sealed record LogScope(string? TraceId = null, Guid? Job = null, Guid? Run = null)
{
    /// <summary>The scopes that are open, the inner over the outer.</summary>
    public static LogScope Of(IExternalScopeProvider? scopes)
    {
        var whole = new Collected();
        scopes?.ForEachScope(
            static (scope, whole) =>
            {
                if (scope is LogScope ours)
                    whole.Scope = new LogScope(ours.TraceId ?? whole.Scope.TraceId, ours.Job ?? whole.Scope.Job, ours.Run ?? whole.Scope.Run);
            },
            whole);
        return whole.Scope;
    }

    private sealed class Collected
    {
        public LogScope Scope { get; set; } = new();
    }
}
