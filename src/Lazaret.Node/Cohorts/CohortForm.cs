using System.Security.Cryptography;
using System.Text;
using Lazaret.Node.Admission;
using Lazaret.Node.Storage;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace Lazaret.Node.Cohorts;

/// <summary>The multipart form of <c>POST /jobs</c>, with its map streamed to disk under a size cap. Disposing deletes the file.</summary>
public sealed class CohortForm : IDisposable
{
    /// <summary>The names that a form may hold.</summary>
    public static readonly IReadOnlyList<string> Names = ["map_file", "task", "outcome", "stat", "mask", "filters", "covariates"];

    private const int MaxFieldBytes = 64 << 10;
    private const int MaxParts = 32;
    private const int PlainIOException = unchecked((int)0x80131620);

    private readonly Dictionary<string, string> _fields = new(StringComparer.Ordinal);
    private FileStream? _map;

    private CohortForm()
    {
    }

    /// <summary>The map's bytes as they came, from the start, if one came. The form owns the stream.</summary>
    public Stream? Map
    {
        get
        {
            _map?.Seek(0, SeekOrigin.Begin);
            return _map;
        }
    }

    /// <summary>Whether the body was read to its end; otherwise what is missing in it says nothing.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>SHA-256 of the map's bytes as they came.</summary>
    public byte[] MapDigest { get; private set; } = [];

    /// <summary>A field's text; null when it was not sent, or was empty.</summary>
    public string? this[string name] => _fields.TryGetValue(name, out var value) && value.Length > 0 ? value : null;

    /// <summary>Reads the whole form; what is wrong with it is added to <paramref name="faults"/>.</summary>
    public static async Task<CohortForm> ReadAsync(
        HttpRequest request, StateFolder state, long maxMap, List<RequestFault> faults, CancellationToken cancellationToken)
    {
        var form = new CohortForm();
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

                if (!await form.ReadPartAsync(section, state, maxMap, faults, cancellationToken))
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
        if (_map is null)
            return;
        File.Delete(_map.Name);
        _map.Dispose();
    }

    private static RequestFault TooLarge(long maxMap) => new("map_file", $"is larger than {maxMap >> 20} MiB");

    /// <summary>Reads one part; false when the rest of the body is not worth reading.</summary>
    private async Task<bool> ReadPartAsync(
        MultipartSection section, StateFolder state, long maxMap, List<RequestFault> faults, CancellationToken cancellationToken)
    {
        var name = ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out var disposition)
            ? HeaderUtilities.RemoveQuotes(disposition.Name).Value ?? ""
            : "";
        if (!Names.Contains(name))
        {
            faults.Add(RequestFault.NoSuch(name, "field", Names));
            return true;
        }

        if (_fields.ContainsKey(name) || (name == "map_file" && _map is not null))
        {
            faults.Add(new RequestFault(name, "is there twice"));
            return true;
        }

        if (name == "map_file")
            return await ReadMapAsync(section.Body, state, maxMap, faults, cancellationToken);

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

    private async Task<bool> ReadMapAsync(Stream body, StateFolder state, long maxMap, List<RequestFault> faults, CancellationToken cancellationToken)
    {
        // FileShare.None is the lock that tells the sweep of another node that this upload is alive.
        _map = new FileStream(Path.Combine(state.Incoming, $"{Guid.NewGuid():N}.part"), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[128 << 10];
        int read;
        while ((read = await body.ReadAsync(buffer, cancellationToken)) > 0)
        {
            if (_map.Length + read > maxMap)
            {
                faults.Add(TooLarge(maxMap));
                return false;
            }

            hash.AppendData(buffer, 0, read);
            await _map.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
        }

        await _map.FlushAsync(cancellationToken);
        MapDigest = hash.GetHashAndReset();
        return true;
    }
}
