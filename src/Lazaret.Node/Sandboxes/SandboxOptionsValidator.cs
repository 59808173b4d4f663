using Microsoft.Extensions.Options;

namespace Lazaret.Node.Sandboxes;

/// <summary>Reports everything that is wrong with the section at once, so that the node refuses to start with all of it named.</summary>
internal sealed class SandboxOptionsValidator : IValidateOptions<SandboxOptions>
{
    public ValidateOptionsResult Validate(string? name, SandboxOptions options)
    {
        var faults = new List<string>();
        if (!SandboxBackends.Names.Contains(options.Backend))
            faults.Add($"{SandboxOptions.Section}:Backend is '{options.Backend}'; known are {string.Join(", ", SandboxBackends.Names)}");
        if (options.FirstUid < 1 || options.FirstUid > int.MaxValue - options.UidCount)
            faults.Add($"{SandboxOptions.Section}:FirstUid is {options.FirstUid}; it must leave room for {options.UidCount} ids above 0");
        if (options.UidCount is < 1 or > 4096)
            faults.Add($"{SandboxOptions.Section}:UidCount is {options.UidCount}; it must be 1 to 4096");
        if (!Path.IsPathFullyQualified(options.UidLocks))
            faults.Add($"{SandboxOptions.Section}:UidLocks is '{options.UidLocks}'; it must be an absolute path");
        return faults is [] ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }
}
