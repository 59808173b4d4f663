using SepsisNews2;

return Model.Run(
    Environment.GetEnvironmentVariable("INPUT_JSON") ?? "/work/input.json",
    Environment.GetEnvironmentVariable("OUT_JSON") ?? "/work/output.json",
    Console.Error.WriteLine);
