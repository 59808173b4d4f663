using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Lazaret.Node.Identity.People.Sessions;

/// <summary>A person who is signed in. The cookie holds 256 random bits; the row holds their hash, so that a copy of the database lets nobody in.</summary>
public sealed class BrowserSession
{
    // For EF Core, which fills the properties.
    private BrowserSession()
    {
    }

    /// <summary>SHA-256 of what the cookie holds, in hexadecimal digits.</summary>
    public string Id { get; private init; } = "";

    public string Requester { get; private init; } = "";

    /// <summary>As the provider said at sign-in. Of a local account the current role counts instead.</summary>
    public Roles Roles { get; private init; }

    /// <summary>The authentication mode by which the person signed in.</summary>
    public string Mode { get; private init; } = "";

    /// <summary>What a page calls the person; nothing is decided by it.</summary>
    public string? DisplayName { get; private init; }

    public DateTimeOffset CreatedAt { get; private init; }

    /// <summary>When it was last used.</summary>
    public DateTimeOffset SeenAt { get; private set; }

    internal static BrowserSession Of(string id, Requester requester, string mode, string? displayName, DateTimeOffset now) => new()
    {
        Id = id,
        Requester = requester.Name,
        Roles = requester.Roles,
        Mode = mode,
        DisplayName = displayName,
        CreatedAt = now,
        SeenAt = now,
    };

    /// <summary>How it is stored.</summary>
    internal sealed class Mapping : IEntityTypeConfiguration<BrowserSession>
    {
        public void Configure(EntityTypeBuilder<BrowserSession> session)
        {
            session.ToTable("Sessions");
            session.HasIndex(s => s.Requester);
        }
    }
}

/// <summary>The table.</summary>
internal static class SessionsTable
{
    extension(LazaretDb db)
    {
        public DbSet<BrowserSession> Sessions => db.Set<BrowserSession>();
    }
}
