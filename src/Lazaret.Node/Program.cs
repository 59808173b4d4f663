using Lazaret.Node.Cli;

return await CommandLine.RunAsync(args);
