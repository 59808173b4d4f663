using Lazaret.Node.Audit;

namespace Lazaret.Node.Keys;

/// <summary>Changes the primary key while nodes run, and seals anew what lies under the ones before it.</summary>
public sealed class KeyRotation(KeyGuard guard, SealedRecords sealedRecords, AuditLog audit, TimeProvider time)
{
    /// <summary>
    /// A node that runs notices a new primary at once; this long after, nothing that it wrote under an old one is still under way.
    /// </summary>
    public static readonly TimeSpan Settling = TimeSpan.FromMinutes(10);

    /// <summary>
    /// The ring must have been taken up. A process that dies after it wrote the file leaves a ring whose new key nothing lies under.
    /// <list type="number">
    /// <item>Seal anew what lies under another key than the primary: an earlier rotation was stopped before its end, and this is its rest.</item>
    /// <item>Unless there was such, make a new primary, and seal every record anew.</item>
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

    /// <summary>Takes every key but the primary out of the ring, once nothing lies under one any more.</summary>
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
public readonly record struct RotationProgress(long Done, long Total);

/// <summary>What became of a rotation. The set is closed.</summary>
public abstract record RotationOutcome
{
    /// <summary>All lies under the primary now, but what could not be opened.</summary>
    public sealed record Rotated(KeyRing Ring, long Records, bool Resumed, IReadOnlyList<SealException> Unopened) : RotationOutcome;

    /// <summary>Only whoever keeps the ring can add a key to it, and has not.</summary>
    public sealed record NoNewKey(string Place) : RotationOutcome;
}

/// <summary>What became of a retirement. The set is closed.</summary>
public abstract record RetirementOutcome
{
    public sealed record Retired(IReadOnlyList<string> Keys) : RetirementOutcome;

    public sealed record NothingToRetire : RetirementOutcome;

    /// <summary>A running node may still have something under way under an old key.</summary>
    public sealed record TooEarly(DateTimeOffset Until) : RetirementOutcome;

    /// <summary>Records that no key opens: with their key gone from everywhere they would be lost for good.</summary>
    public sealed record StillNeeded(IReadOnlyList<SealException> Unopened) : RetirementOutcome;

    /// <summary>The ring is kept elsewhere.</summary>
    public sealed record NotOurs(string Place) : RetirementOutcome;
}
