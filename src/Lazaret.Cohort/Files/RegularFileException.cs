namespace Lazaret.Cohort.Files;

/// <summary>A file that is not read for what it is or for its size. The message completes a sentence that begins with the file's name, and holds no path.</summary>
public sealed class RegularFileException(string message) : IOException(message);
