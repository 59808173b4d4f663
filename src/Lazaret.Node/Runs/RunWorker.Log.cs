namespace Lazaret.Node.Runs;

public sealed partial class RunWorker
{
    [LoggerMessage(Level = LogLevel.Information, Message = "Working: sandbox {Backend}, {Slots} runs at once")]
    private partial void LogStarted(string backend, int slots);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Visiting programs are NOT isolated: the process sandbox is for development. 'lazaret doctor' says what a better one lacks")]
    private partial void LogNoIsolation();

    [LoggerMessage(Level = LogLevel.Information, Message = "Stopping: {Running} runs have {Seconds} s to end")]
    private partial void LogDraining(int running, int seconds);

    [LoggerMessage(Level = LogLevel.Error, Message = "Job {Job}, run {Run}: its end could not be written: {Cause}")]
    private partial void LogUnreported(Guid job, Guid run, string cause);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Job {Job}: the queue was not told that the run is over: {Cause}")]
    private partial void LogUnsettled(Guid job, string cause);

    [LoggerMessage(Level = LogLevel.Error, Message = "Job {Job}, run {Run}: the host failed")]
    private partial void LogHostFault(Exception exception, Guid job, Guid run);

    [LoggerMessage(Level = LogLevel.Error, Message = "Job {Job}, run {Run}: the host failed: {Cause}")]
    private partial void LogHostAway(Guid job, Guid run, string cause);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Job {Job}, run {Run}: given back, for this machine cannot run it: {Why}")]
    private partial void LogGivenBack(Guid job, Guid run, string why);

    [LoggerMessage(Level = LogLevel.Information, Message = "Job {Job}, run {Run}: no longer ours, stopping")]
    private partial void LogLeaseLost(Guid job, Guid run);

    [LoggerMessage(Level = LogLevel.Information, Message = "Job {Job}, run {Run}, attempt {Attempt}: {Outcome} after {Milliseconds} ms")]
    private partial void LogEnded(Guid job, Guid run, int attempt, string outcome, long milliseconds);
}
