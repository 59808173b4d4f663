using System.Globalization;
using Lazaret.Cohort.Files;
using Lazaret.Node.Health;
using Lazaret.Node.Http.Bodies;
using Lazaret.Node.Images;
using Lazaret.Node.Linux;
using Lazaret.Node.Programs;
using Lazaret.Node.Storage;
using Microsoft.AspNetCore.WebUtilities;

namespace Lazaret.Node.WebConsole.Registry;

/// <summary>
/// Receives the files of a program from a page. They are written to the disk at once, into a folder that is deleted when the program is registered or
/// refused. There is one upload at a time, so that no more of the disk is taken than one image.
/// </summary>
internal sealed class ProgramUploads(StateFolder state, ProgramOptions options, HealthOptions health, TimeProvider time) : IDisposable
{
    private const string Folder = "uploading-";
    private const string Manifest = "manifest";
    private const string Image = "image";
    private const string Signature = "signature";
    private const int PieceSize = 128 << 10;
    // The size of everything beside the image: the manifest, the signature, the form's own lines.
    private const long Beside = 1 << 20;

    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    private readonly SemaphoreSlim _turn = new(1);

    /// <exception cref="InputException">The files are refused.</exception>
    public async Task<ProgramUpload> ReceiveAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var boundary = BoundaryOf(request);
        if (!await _turn.WaitAsync(TimeSpan.Zero, cancellationToken))
            throw new InputException("another program is being added: try again when that is done");
        LockedFolder? folder = null;
        try
        {
            LockedFolder.Sweep(state.Models, Folder);
            folder = LockedFolder.Make(state.Models, Folder);
            using var late = new CancellationTokenSource(Longest, time);
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, late.Token);
            var came = await ReadAsync(request, boundary, folder.Path, stop.Token);
            return new ProgramUpload(new ProgramFiles(Path.Combine(folder.Path, Manifest), Image, came.Contains(Signature) ? Signature : null), folder, _turn);
        }
        catch (Exception e)
        {
            folder?.Dispose();
            _turn.Release();
            if (e is BodyRefusedException || MultipartForm.IsTorn(e))
                throw new InputException("the files did not arrive whole: send them again");
            if (e is OperationCanceledException && !cancellationToken.IsCancellationRequested)
                throw new InputException("the files did not arrive in an hour: use the command on the node itself");
            throw;
        }
    }

    public void Dispose() => _turn.Dispose();

    private string BoundaryOf(HttpRequest request)
    {
        if (MultipartForm.FindBoundary(request) is not { } boundary || request.Headers.ContentEncoding.Count > 0)
            throw new InputException("the files are sent by this form");
        if (request.ContentLength is not { } length)
            throw new InputException("the request does not say how large it is");
        if (length > options.ImageLimits.Bytes + Beside)
            throw new InputException([new InputFault(Image, string.Create(CultureInfo.InvariantCulture, $"must be {options.MaxImageMiB} MiB at most, by Lazaret:Models:MaxImageMiB"))]);
        if (FreeDisk.Of(state.Models) is { } free && free.Bytes - length < (long)health.MinimumFreeMiB << 20)
            throw new InputException([new InputFault(Image, "does not fit on the node's disk: make room first")]);
        return boundary;
    }

    /// <summary>Writes each file that arrives under its field's name, and returns these names.</summary>
    private async Task<HashSet<string>> ReadAsync(HttpRequest request, string boundary, string folder, CancellationToken stop)
    {
        var (came, faults) = (new HashSet<string>(StringComparer.Ordinal), new List<InputFault>());
        await using var body = new ArrivingBody(request.BodyReader, options.ImageLimits.Bytes + Beside, stop);
        var reader = new MultipartReader(boundary, body) { BodyLengthLimit = null };
        while (await reader.ReadNextSectionAsync(stop) is { } section)
        {
            var name = MultipartForm.NameOf(section);
            var most = name switch { Manifest => YamlDocument.MaxBytes, Image => options.ImageLimits.Bytes, Signature => ImageSignature.MaxBytes, _ => 0 };
            // The sender chooses the name: it is used as a file's name only if it is one of these three.
            if (most == 0 || came.Contains(name))
                throw new InputException(most == 0 ? "the form has a field that is unknown here" : $"the form has {name} twice");
            var length = await WriteAsync(section.Body, Path.Combine(folder, name), most, stop);
            if (length > most)
                faults.Add(new InputFault(name, string.Create(CultureInfo.InvariantCulture, $"must be {most} bytes at most")));
            // A browser sends a field without a file as an empty file.
            if (length > 0)
                came.Add(name);
        }

        faults.AddRange(((string[])[Manifest, Image]).Where(name => !came.Contains(name)).Select(name => new InputFault(name, "choose a file")));
        return faults.Count == 0 ? came : throw new InputException(faults);
    }

    /// <summary>
    /// Writes the bytes and returns how many there were. Bytes beyond the limit are read but not written: most browsers lose an answer that comes before the end of
    /// their request.
    /// </summary>
    private static async Task<long> WriteAsync(Stream from, string path, long most, CancellationToken stop)
    {
        await using var file = new FileStream(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 0, Options = FileOptions.Asynchronous, UnixCreateMode = OwnFile.Mode });
        var piece = new byte[PieceSize];
        var length = 0L;
        for (int read; (read = await from.ReadAtLeastAsync(piece, piece.Length, throwOnEndOfStream: false, stop)) > 0;)
        {
            length += read;
            if (length <= most)
                await file.WriteAsync(piece.AsMemory(0, read), stop);
        }

        return length;
    }
}

/// <summary>The files of a program that arrived. Disposing deletes them, and lets the next upload begin.</summary>
internal sealed class ProgramUpload(ProgramFiles files, LockedFolder folder, SemaphoreSlim turn) : IDisposable
{
    public ProgramFiles Files { get; } = files;

    /// <summary>What is wrong, by the fields of the form. The registry's words begin with the path of the manifest, which is cut off.</summary>
    public IReadOnlyList<InputFault> FaultsOf(InputException refusal) => [.. refusal.Message.Split('\n').Select(line =>
    {
        var words = line.Replace($"{Files.Manifest}: ", "", StringComparison.Ordinal).Replace($"{folder.Path}/", "", StringComparison.Ordinal);
        foreach (var field in (string[])["image", "signature"])
        {
            if (words.StartsWith($"{field}: ", StringComparison.Ordinal))
                return new InputFault(field, words[(field.Length + 2)..]);
        }

        return new InputFault("manifest", words);
    })];

    public void Dispose()
    {
        folder.Dispose();
        turn.Release();
    }
}
