namespace Lazaret.Node.Keys;

/// <summary>Where the key ring comes from.</summary>
public interface IKeyRingSource
{
    /// <summary>For messages.</summary>
    string Place { get; }

    /// <summary>What to do where there never was a ring.</summary>
    string HowToBegin { get; }

    /// <summary>Changes when the ring should be read again.</summary>
    long Stamp { get; }

    /// <exception cref="MissingException">There is none, or it is not kept as it must be.</exception>
    /// <exception cref="InputException">It is no ring.</exception>
    KeyRing Read();
}
