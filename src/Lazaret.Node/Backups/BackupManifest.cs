using System.Text.Json;
using System.Text.Json.Serialization;
using Lazaret.Cohort.Files;
using Lazaret.Node.Programs;

namespace Lazaret.Node.Backups;

/// <summary>What a backup says of itself: the first member of its archive, <c>manifest.json</c>.</summary>
internal sealed record BackupManifest
{
    public const int CurrentFormat = 1;

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
        WriteIndented = true,
    };

    public required int Format { get; init; }

    public required DateTimeOffset Created { get; init; }

    public required string NodeVersion { get; init; }

    /// <summary>The last migration of the database.</summary>
    public required string Schema { get; init; }

    /// <summary>Which database the member <c>database</c> is of: sqlite (its file) or postgres (pg_dump's custom format).</summary>
    public required string Database { get; init; }

    /// <summary>The keys that records are sealed under, which no backup holds.</summary>
    public required IReadOnlyList<Key> KeyRing { get; init; }

    public required IReadOnlyList<Program> Programs { get; init; }

    /// <summary>The data view, which no backup holds; null for a node without one.</summary>
    public required View? DataView { get; init; }

    /// <summary>What is to be kept apart from this backup, a sentence each.</summary>
    public IReadOnlyList<string> NotHeld =>
    [
        .. KeyRing.Select(key => $"the key {key}, without which what it sealed is lost"),
        .. Programs.Where(program => !program.ImageHeld).Select(program => $"the image of {program.Name} ({program.Digest})"),
        .. DataView is { } view ? [$"the data view {view}"] : (ReadOnlySpan<string>)[],
        "the configuration, certificates and the key that signs the audit's checkpoints",
    ];

    public byte[] Write() => JsonSerializer.SerializeToUtf8Bytes(this, Json);

    /// <exception cref="InvalidDataException">It is none, or of a later format.</exception>
    public static BackupManifest Parse(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            var manifest = JsonSerializer.Deserialize<BackupManifest>(Utf8Text.WithoutMark(bytes).Span, Json) ?? throw new JsonException();
            if (manifest.Format != CurrentFormat)
                throw new InvalidDataException("it was made by a later version of Lazaret: restore it with that one");
            foreach (var program in manifest.Programs)
                program.Check();
            return manifest;
        }
        catch (JsonException e)
        {
            throw new InvalidDataException("its manifest.json is none of Lazaret's, or of a later version of it", e);
        }
    }

    /// <summary>A key by its id and by the fingerprint of its secret.</summary>
    internal sealed record Key(string Id, string Fingerprint, bool Primary)
    {
        public override string ToString() => $"{Id} (fingerprint {Fingerprint})";
    }

    /// <summary>A registered program: its image's digest, and that of the folder which the image was unpacked to.</summary>
    internal sealed record Program(string Name, string Digest, string Content, bool ImageHeld)
    {
        /// <exception cref="InvalidDataException">A text that becomes a path has not the form of one.</exception>
        public void Check()
        {
            if (Name.Split('@') is not [var key, var version])
                throw new InvalidDataException("its manifest.json holds a program's name that is none");
            ProgramForm.Key(key);
            ProgramForm.Version(version);
            ProgramForm.Digest(Digest);
            ProgramForm.Digest(Content);
        }
    }

    /// <summary>A data view by its folder and by its version, where one was read.</summary>
    internal sealed record View(string Path, string? Version)
    {
        public override string ToString() => Version is null ? Path : $"{Path} (version {Version})";
    }
}
