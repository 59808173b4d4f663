namespace Lazaret.Fhir.Validation;

/// <summary>How much a fault matters, by where it is.</summary>
internal enum Relevance
{
    /// <summary>It may mislead whoever reads the resource: an error.</summary>
    Refuses,

    /// <summary>An error if a model asks for what the resource is about, otherwise a warning. Which of the two is known when the resource has been read to its end.</summary>
    WhenAsked,

    /// <summary>Nobody looks there: a warning.</summary>
    Elsewhere,
}
