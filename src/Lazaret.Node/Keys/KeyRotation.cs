using Lazaret.Node.Audit;

namespace Lazaret.Node.Keys;

/// <summary>Changes the primary key while nodes run, and seals anew the records under earlier keys.</summary>
internal sealed class KeyRotation(KeyGuard guard, SealedRecords sealedRecords, AuditLog audit, TimeProvider time)
{
    /// <summary>
    /// A running node notices a new primary key at once. After this time, nothing that it sealed under an old key is still on its way to the database.
    /// </summary>
    public static readonly TimeSpan Settling = TimeSpan.FromMinutes(10);

    /// <summary>
    /// The ring must be in use. A process that dies after it wrote the file leaves a ring with a new key that no record is sealed under.
    /// <list type="number">
    /// <item>Seal anew every record that is not under the primary key. There are such records when an earlier rotation was stopped.</item>
    /// <item>If there was none, make a new primary key, and seal every record anew.</item>
    /// </list>
    /// </summary>
    public async Task<RotationOutcome> RotateAsync(IProgress<RotationProgress> progress, CancellationToken cancellationToken)
    {
        using var exclusive = (guard.Source as KeyFile)?.Lock();

        // 1. Go on with an earlier rotation.
        var ring = await guard.RequireAsync(cancellationToken);
        var (records, unopened) = await ResealAsync(ring, progress, cancellationToken);
        var resumed = records > 0;

        // 2. Make a new primary, and seal every record anew.
        if (!resumed)
        {
            if (guard.Source is not KeyFile file)
                return new RotationOutcome.NoNewKey(guard.Source.Place);
            file.Write(ring.Rotate(time.GetUtcNow()));
            ring = await guard.RequireAsync(cancellationToken);
            (records, unopened) = await ResealAsync(ring, progress, cancellationToken);
        }

        await audit.WriteAsync(
            AuditAction.KeysRotated, AuditEntry.Operator, new() { ["primary"] = ring.Primary.Id, ["records"] = records, ["unopened"] = unopened.Count }, cancellationToken);
        return new RotationOutcome.Rotated(ring, records, resumed, unopened);
    }

    /// <summary>Takes every key but the primary out of the ring, once no record is sealed under the others.</summary>
    public async Task<RetirementOutcome> RetireAsync(IProgress<RotationProgress> progress, CancellationToken cancellationToken)
    {
        if (guard.Source is not KeyFile file)
            return new RetirementOutcome.NotOurs(guard.Source.Place);
        using var exclusive = file.Lock();
        var ring = await guard.RequireAsync(cancellationToken);
        if (ring.Keys.Count == 1)
            return new RetirementOutcome.NothingToRetire();
        if (ring.Primary.Created + Settling is var settled && settled > time.GetUtcNow())
            return new RetirementOutcome.TooEarly(settled);
        var (_, unopened) = await ResealAsync(ring, progress, cancellationToken);
        if (unopened.Count > 0)
            return new RetirementOutcome.StillNeeded(unopened);
        file.Write(ring.Retire());
        if (await guard.FaultAsync(cancellationToken) is not null)
        {
            // A node that was silent for all that time wrote under an old key just now.
            file.Write(ring);
            await guard.RequireAsync(cancellationToken);
            return new RetirementOutcome.TooEarly(time.GetUtcNow());
        }

        var retired = ring.Keys.Select(key => key.Id).Where(id => id != ring.Primary.Id).ToArray();
        await audit.WriteAsync(AuditAction.KeysRetired, AuditEntry.Operator, new() { ["primary"] = ring.Primary.Id, ["retired"] = retired }, cancellationToken);
        return new RetirementOutcome.Retired(retired);
    }

    private async Task<(long Records, IReadOnlyList<SealException> Unopened)> ResealAsync(
        KeyRing ring, IProgress<RotationProgress> progress, CancellationToken cancellationToken)
    {
        var total = await sealedRecords.CountNotUnderAsync(ring.Primary.Id, cancellationToken);
        var done = 0L;
        var unopened = await sealedRecords.ResealAsync(
            ring.Primary.Id, () => progress.Report(new RotationProgress(++done, total)), cancellationToken);
        return (done, unopened);
    }
}

/// <summary>How far a rotation has come, in records.</summary>
internal readonly record struct RotationProgress(long Done, long Total);

/// <summary>What became of a rotation. The set is closed.</summary>
internal abstract record RotationOutcome
{
    /// <summary>Every record is sealed under the primary key now, except those that could not be opened.</summary>
    public sealed record Rotated(KeyRing Ring, long Records, bool Resumed, IReadOnlyList<SealException> Unopened) : RotationOutcome;

    /// <summary>The node cannot write to this source, and whoever keeps the ring has added no new key to it.</summary>
    public sealed record NoNewKey(string Place) : RotationOutcome;
}

/// <summary>What became of a retirement. The set is closed.</summary>
internal abstract record RetirementOutcome
{
    public sealed record Retired(IReadOnlyList<string> Keys) : RetirementOutcome;

    public sealed record NothingToRetire : RetirementOutcome;

    /// <summary>A running node may still be writing a record that it sealed under an old key.</summary>
    public sealed record TooEarly(DateTimeOffset Until) : RetirementOutcome;

    /// <summary>No key of the ring opens these records. Some other copy of the ring may hold their key; without it they are lost.</summary>
    public sealed record StillNeeded(IReadOnlyList<SealException> Unopened) : RetirementOutcome;

    /// <summary>The ring is kept elsewhere.</summary>
    public sealed record NotOurs(string Place) : RetirementOutcome;
}
