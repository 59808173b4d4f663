using System.Text;
using System.Xml.Linq;
using Lazaret.Node.Keys;
using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Lazaret.Node.Identity.People.Sessions;

/// <summary>One key of the framework's data protection, sealed: it protects forms and what a sign-in carries from one page to the next.</summary>
public sealed class ProtectionKey : ISealedRecord
{
    // For EF Core, which fills the properties.
    private ProtectionKey()
    {
    }

    /// <summary>Counts from 1. Of two processes that make a key at the same time one finds the number taken.</summary>
    public int Number { get; private init; }

    /// <summary>An XML element.</summary>
    public byte[] Content { get; private set; } = [];

    public RecordPlace Place => new("ProtectionKeys", nameof(Content), $"{Number}");

    internal static ProtectionKey Of(int number, XElement element, RecordSeal seal)
    {
        var key = new ProtectionKey { Number = number };
        key.Content = seal.Seal(Encoding.UTF8.GetBytes(element.ToString(SaveOptions.DisableFormatting)), key.Place);
        return key;
    }

    /// <exception cref="SealException">It does not open.</exception>
    internal XElement Open(RecordSeal seal) => XElement.Parse(Encoding.UTF8.GetString(seal.Open(Content, Place)));

    /// <summary>How it is stored.</summary>
    internal sealed class Mapping : IEntityTypeConfiguration<ProtectionKey>
    {
        public void Configure(EntityTypeBuilder<ProtectionKey> key)
        {
            key.ToTable("ProtectionKeys");
            key.HasKey(k => k.Number);
            key.Property(k => k.Number).ValueGeneratedNever();
            key.Ignore(k => k.Place);
        }
    }
}

/// <summary>The table.</summary>
internal static class ProtectionKeysTable
{
    extension(LazaretDb db)
    {
        public DbSet<ProtectionKey> ProtectionKeys => db.Set<ProtectionKey>();
    }
}
