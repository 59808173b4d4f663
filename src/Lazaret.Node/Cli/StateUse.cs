namespace Lazaret.Node.Cli;

/// <summary>What a command does where there is no state folder or no database: in a wrong folder it must not make others that nobody wants.</summary>
internal enum StateUse
{
    /// <summary>Says that there is none.</summary>
    Finds,

    /// <summary>Makes them where a setting names the place, for such a command begins something: a first model, a first key. Nothing is made at the default place.</summary>
    MakesNamed,

    /// <summary>Makes them.</summary>
    Makes,

    /// <summary>Only looks.</summary>
    None,
}
