using Lazaret.Node.Cli;
using Lazaret.Node.Cli.Printing;

Terminal.Fit();
return await CommandLine.RunAsync(args);
