namespace Lazaret.Fhir.Validation;

/// <summary>What a fault does, by where it is.</summary>
internal enum Relevance
{
    /// <summary>It may mislead whoever reads the resource: an error.</summary>
    Refuses,

    /// <summary>An error when somebody asks for what the resource is about, which its end tells; otherwise a warning.</summary>
    WhenAsked,

    /// <summary>Nobody looks there: a warning.</summary>
    Elsewhere,
}
