using Lazaret.Node.Configuration;
using Lazaret.Node.Health;
using Lazaret.Node.Keys;
using Lazaret.Node.Linux;
using Lazaret.Node.Storage;
using Lazaret.Node.Storage.Faults;

namespace Lazaret.Node.Cli.Doctor;

/// <summary>Compares the key ring with the database for commands that only look: they make neither, and bring no database up to date.</summary>
internal static class KeyExamination
{
    private const string Older = "the database is of an earlier version, and does not say what it was sealed with: 'lazaret migrate' first";
    // Why is said on the database's own line.
    private const string Unknown = "what the database was sealed with is not known while it does not answer";

    /// <summary>What <c>lazaret doctor</c> says.</summary>
    /// <param name="answers">Whether the database does, and may be asked.</param>
    public static async Task<Finding> RunAsync(IServiceProvider services, NodeOptions options, bool answers, CancellationToken cancellationToken)
    {
        var what = $"keys {options.Keys.Source}";
        var source = services.GetRequiredService<IKeyRingSource>();
        var ring = Read(source, out var unread);
        string? fault = null, unknown = answers ? null : Unknown;
        bool? upToDate = null;
        try
        {
            upToDate = answers ? await DatabaseExamination.IsUpToDateAsync(services, cancellationToken) : null;
            if (upToDate == true)
                fault = await FaultAsync(services, ring, cancellationToken);
            else if (upToDate == false)
                unknown = Older;
        }
        catch (Exception e) when (DatabaseMigration.IsAway(e))
        {
            unknown = Unknown;
        }

        // A ring that is there, and may not be read as it is, is the one to keep.
        if (ring is null && source is KeyFile { Exists: true } && Finding.OwnMendOf(unread!) is { } own)
            return Finding.No(what, fault is null ? unread! : $"{unread}; if it is another ring, {fault}", own);
        if (ring is null)
        {
            return fault is null && unknown is null && source is KeyFile { Exists: false } && !NodeEnvironment.Current.IsProduction
                ? Finding.Yes(what, $"none yet: the first start makes {source.Place}")
                : Finding.No(what, $"{unread}; {fault ?? unknown ?? source.HowToBegin}", Mend());
        }

        var why = $"{ring.Keys.Count} in {source.Place}, the primary is {ring.Primary.Id} (fingerprint {ring.Primary.Fingerprint()})";
        var text = string.Join(". ", new[] { fault, why, unknown }.OfType<string>());
        if (fault is null && services.GetRequiredService<TimeProvider>().GetUtcNow() - ring.Primary.Created is var age && age > Attention.Key)
            return Finding.No(what, $"new records are sealed under a key that is {age.Days} days old. {text}", "lazaret keys rotate, while nodes run; then copy the ring to the other hosts and to its safe", needed: false);
        return Finding.Of(what, fault is null ? null : text, text, Mend());

        // What a database was sealed with no new ring opens.
        string Mend() => upToDate is null && unknown is null && source is KeyFile { Exists: false }
            ? $"if a node ran here before, its disk is not mounted, or Lazaret:State is another folder: see to that first (df {services.GetRequiredService<StateFolder>().Root}). For a first node: {source.HowToBegin}"
            : $"put the copy of the ring back{(source is KeyFile ? $": {Installing.Of(services.GetRequiredService<StateFolder>().Root, "COPY", source.Place)}" : $" at {source.Place}")}{(fault is null ? $", or for a first one: {source.HowToBegin}" : "")}";
    }

    /// <summary>Why no first ring may be made: this database has one already, which must be put back; null when it never had any.</summary>
    /// <exception cref="MissingException">The database cannot say.</exception>
    public static async Task<string?> FormerRingAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        try
        {
            return await DatabaseExamination.IsUpToDateAsync(services, cancellationToken) switch
            {
                null => null,
                false => throw new MissingException($"no key is made: {Older}"),
                true => await services.GetRequiredService<KeyGuard>().ExamineAsync(ring: null, cancellationToken),
            };
        }
        catch (Exception e) when (DatabaseMigration.IsAway(e))
        {
            throw new MissingException($"no key is made, for the database cannot be asked whether it was sealed with one ({DatabaseWords.Of(e)}): {DatabaseWords.MendOf(e) ?? "check Lazaret:State and ConnectionStrings:Lazaret"}");
        }
    }

    /// <summary>Why the given ring does not fit a database that is up to date; null when it does.</summary>
    public static async Task<string?> FaultAsync(IServiceProvider services, KeyRing? ring, CancellationToken cancellationToken)
    {
        var fault = await services.GetRequiredService<KeyGuard>().ExamineAsync(ring, cancellationToken);
        return await services.GetRequiredService<SealedRecords>().CountLostAsync(ring, cancellationToken) is var lost and > 0
            ? $"records sealed under keys that are not in the ring: {lost}{(fault is null ? ": put the ring back that was in use" : $"; {fault}")}"
            : fault;
    }

    public static KeyRing? Read(IKeyRingSource source, out string? why)
    {
        try
        {
            why = null;
            return source.Read();
        }
        catch (Exception e) when (e is InputException or MissingException)
        {
            why = e.Message;
            return null;
        }
    }
}
