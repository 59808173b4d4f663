using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Lazaret.Node.Programs;

/// <summary>A visiting program in the registry: one version of one key, with its image pinned by digest.</summary>
public sealed class RegisteredProgram
{
    /// <summary>What a requester names: a diagnosis' target, or a cohort job's task. It names one kind of program at a site.</summary>
    public required string Key { get; init; }

    public required string Version { get; init; }

    public required ProgramKind Kind { get; init; }

    /// <summary>The manifest as it was added.</summary>
    public required string Manifest { get; init; }

    /// <summary>
    /// The image as it was given, <c>sha256:…</c>: an OCI image's manifest, a squashfs file's bytes, a root folder's
    /// <see cref="Images.ImageDigest"/>. It is what a signature names, and the name of its folder below <c>State/models</c>.
    /// </summary>
    public required string Digest { get; init; }

    /// <summary>The <see cref="Images.ImageDigest"/> of the image as it was unpacked: it is checked before every run.</summary>
    public required string Content { get; init; }

    /// <summary>The environment that the image's configuration sets, as a JSON object of texts.</summary>
    public required string Environment { get; init; }

    /// <summary>The fingerprint of the key that signed the digest; null when nobody did.</summary>
    public string? SignedBy { get; init; }

    public required DateTimeOffset AddedAt { get; init; }

    /// <summary><c>sepsis@1.0.0</c></summary>
    public string Name => $"{Key}@{Version}";

    /// <summary>How it is stored.</summary>
    internal sealed class Mapping : IEntityTypeConfiguration<RegisteredProgram>
    {
        public void Configure(EntityTypeBuilder<RegisteredProgram> program)
        {
            program.ToTable("Programs");
            program.HasKey(p => new { p.Key, p.Version });
            program.Property(p => p.Key).HasConversion(key => key, stored => ProgramForm.Key(stored));
            program.Property(p => p.Version).HasConversion(version => version, stored => ProgramForm.Version(stored));
            program.Property(p => p.Digest).HasConversion(digest => digest, stored => ProgramForm.Digest(stored));
            program.Property(p => p.Content).HasConversion(digest => digest, stored => ProgramForm.Digest(stored));
            program.Ignore(p => p.Name);
        }
    }
}

/// <summary>The table.</summary>
internal static class ProgramsTable
{
    extension(LazaretDb db)
    {
        public DbSet<RegisteredProgram> Programs => db.Set<RegisteredProgram>();
    }
}
