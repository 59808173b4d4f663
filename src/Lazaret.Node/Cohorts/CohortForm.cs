using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using Lazaret.Node.Admission;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace Lazaret.Node.Cohorts;

/// <summary>The multipart form of <c>POST /jobs</c>, with its map in memory under a size cap. Disposing gives the memory back.</summary>
public sealed class CohortForm : IDisposable
{
    /// <summary>The names that a form may hold.</summary>
    public static readonly IReadOnlyList<string> Names = ["map_file", "task", "outcome", "stat", "mask", "filters", "covariates"];

    private const int MaxFieldBytes = 64 << 10;
    private const int MaxParts = 32;
    private const int PlainIOException = unchecked((int)0x80131620);

    private readonly Dictionary<string, string> _fields = new(StringComparer.Ordinal);
    private readonly UploadMemory _memory;
    private long _taken;

    private CohortForm(UploadMemory memory) => _memory = memory;

    /// <summary>The map, if one came: gzip, whatever it came as.</summary>
    public byte[]? Map { get; private set; }

    /// <summary>Reading stopped because too many maps are in flight.</summary>
    public bool FoundNoMemory { get; private set; }

    /// <summary>Whether the body was read to its end; otherwise what is missing in it says nothing.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>SHA-256 of the map's bytes as they came.</summary>
    public byte[] MapDigest { get; private set; } = [];

    /// <summary>A field's text; null when it was not sent, or was empty.</summary>
    public string? this[string name] => _fields.TryGetValue(name, out var value) && value.Length > 0 ? value : null;

    /// <summary>Reads the whole form; what is wrong with it is added to <paramref name="faults"/>.</summary>
    public static async Task<CohortForm> ReadAsync(
        HttpRequest request, UploadMemory memory, long maxMap, List<RequestFault> faults, CancellationToken cancellationToken)
    {
        var form = new CohortForm(memory);
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = maxMap + (MaxParts * MaxFieldBytes);
        try
        {
            if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
                || !type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase)
                || HeaderUtilities.RemoveQuotes(type.Boundary).Value is not { Length: > 0 and <= 200 } boundary)
            {
                faults.Add(new RequestFault("Content-Type", "must be multipart/form-data with a boundary"));
                return form;
            }

            var reader = new MultipartReader(boundary, request.Body) { BodyLengthLimit = null };
            for (var parts = 0; await reader.ReadNextSectionAsync(cancellationToken) is { } section; parts++)
            {
                if (parts == MaxParts)
                {
                    faults.Add(new RequestFault("form", $"has more than {MaxParts} parts"));
                    return form;
                }

                if (!await form.ReadPartAsync(section, maxMap, faults, cancellationToken))
                    return form;
            }

            form.IsComplete = true;
        }
        catch (BadHttpRequestException e) when (e.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            faults.Add(TooLarge(maxMap));
        }
        catch (Exception e) when (e is InvalidDataException or BadHttpRequestException or IOException { HResult: PlainIOException })
        {
            // A torn or oversized body. What the disk has to say carries an errno instead, and passes.
            faults.Add(new RequestFault("form", "is not a complete multipart/form-data body"));
        }
        catch
        {
            form.Dispose();
            throw;
        }

        return form;
    }

    public void Dispose()
    {
        _memory.Return(_taken);
        _taken = 0;
    }

    private static RequestFault TooLarge(long maxMap) => new("map_file", $"is larger than {maxMap >> 20} MiB");

    /// <summary>Reads one part; false when the rest of the body is not worth reading.</summary>
    private async Task<bool> ReadPartAsync(
        MultipartSection section, long maxMap, List<RequestFault> faults, CancellationToken cancellationToken)
    {
        var name = ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out var disposition)
            ? HeaderUtilities.RemoveQuotes(disposition.Name).Value ?? ""
            : "";
        if (!Names.Contains(name))
        {
            faults.Add(RequestFault.NoSuch(name, "field", Names));
            return true;
        }

        if (_fields.ContainsKey(name) || (name == "map_file" && Map is not null))
        {
            faults.Add(new RequestFault(name, "is there twice"));
            return true;
        }

        if (name == "map_file")
            return await ReadMapAsync(section.Body, maxMap, faults, cancellationToken);

        var bytes = new byte[MaxFieldBytes + 1];
        var length = await section.Body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken);
        if (length > MaxFieldBytes)
        {
            faults.Add(new RequestFault(name, $"is longer than {MaxFieldBytes} bytes"));
            return false;
        }

        _fields[name] = Encoding.UTF8.GetString(bytes, 0, length);
        return true;
    }

    // The guest's contract is map.nii.gz, whatever came.
    private async Task<bool> ReadMapAsync(Stream body, long maxMap, List<RequestFault> faults, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var kept = new MemoryStream();
        var buffer = new byte[128 << 10];
        var read = await body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        await using (Stream sink = buffer is [0x1f, 0x8b, ..] ? kept : new GZipStream(kept, CompressionLevel.Fastest, leaveOpen: true))
        {
            for (var length = 0L; read > 0; read = await body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken))
            {
                length += read;
                if (length > maxMap)
                {
                    faults.Add(TooLarge(maxMap));
                    return false;
                }

                if (!_memory.TryTake(read))
                {
                    FoundNoMemory = true;
                    return false;
                }

                _taken += read;
                hash.AppendData(buffer, 0, read);
                await sink.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            }
        }

        MapDigest = hash.GetHashAndReset();
        Map = kept.ToArray();
        return true;
    }
}
