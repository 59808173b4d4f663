using Lazaret.Guest;

return MapToOutcome.Run(name => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null, message => Console.Error.WriteLine(message));
