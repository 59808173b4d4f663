using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using Lazaret.Cohort.Faults;
using Lazaret.Cohort.Queries;
using Lazaret.Node.Http;
using Lazaret.Node.Http.Bodies;
using Microsoft.AspNetCore.WebUtilities;

namespace Lazaret.Node.Cohorts.Forms;

/// <summary>The multipart form of <c>POST /jobs</c>, with its map in memory under a size cap. Disposing gives the memory back.</summary>
internal sealed class CohortForm : IDisposable
{
    /// <summary>The names that a form may hold.</summary>
    public static readonly IReadOnlyList<string> Names = ["map_file", "task", "outcome", "score", "stat", "alternative", "mask", "filters", "covariates", "null", "cv", "parcellation", "within", "space", "project"];

    private const int MaxFieldBytes = 64 << 10;
    private const int MaxParts = 32;

    private readonly Dictionary<string, string> _fields = new(StringComparer.Ordinal);
    private readonly IncomingBody _body;
    private readonly PageFields? _page;
    private int _shown;

    private CohortForm(IncomingBody body, PageFields? page) => (_body, _page) = (body, page);

    /// <summary>The map, if one came: gzip, whatever it came as.</summary>
    public byte[]? Map { get; private set; }

    /// <summary>Why the body was not taken; null when it was, whatever is wrong with the form in it.</summary>
    public BodyRefusal? Refusal { get; private set; }

    /// <summary>Whether the body was read to its end; otherwise what is missing in it says nothing.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>SHA-256 of the map's bytes as they came.</summary>
    public byte[] MapDigest { get; private set; } = [];

    /// <summary>A field's text; null when it was not sent, or was empty.</summary>
    public string? this[string name] => _fields.TryGetValue(name, out var value) && value.Length > 0 ? value : null;

    /// <summary>The question in it.</summary>
    public QueryFields Fields => new()
    {
        Asked = TaskTerms.QuestionOf(this["task"]),
        Outcome = this["outcome"],
        Score = this["score"],
        Stat = this["stat"],
        Alternative = this["alternative"],
        Mask = this["mask"],
        Filters = this["filters"],
        Covariates = this["covariates"],
        Null = this["null"],
        Cv = this["cv"],
        Parcellation = this["parcellation"],
        Within = this["within"],
    };

    /// <summary>Reads the whole form; what is wrong with it is added to <paramref name="faults"/>.</summary>
    /// <param name="page">Where it is the form of a page: what it holds is added here. Null for that of the interface, which has no fields for single choices.</param>
    public static async Task<CohortForm> ReadAsync(
        HttpRequest request, RequestBodies bodies, long maxMap, PageFields? page, FaultList<RequestFault> faults, CancellationToken cancellationToken)
    {
        var body = bodies.Open(request, maxMap + (MaxParts * MaxFieldBytes), cancellationToken);
        var form = new CohortForm(body, page);
        var most = page is null ? MaxParts : PageFields.MostParts;
        try
        {
            if (MultipartForm.FindBoundary(request) is not { } boundary)
            {
                faults.Add(new RequestFault("Content-Type", "must be multipart/form-data with a boundary"));
                return form;
            }

            await using var bytes = await body.OpenAsync();
            var reader = new MultipartReader(boundary, bytes) { BodyLengthLimit = null };
            for (var parts = 0; await reader.ReadNextSectionAsync(body.Stop) is { } section; parts++)
            {
                if (parts == most)
                {
                    faults.Add(new RequestFault("form", $"has more than {most} parts"));
                    return form;
                }

                if (!await form.ReadPartAsync(section, maxMap, faults))
                    return form;
            }

            body.Arrived();
            form.IsComplete = true;
            if (page is not null)
                (form._fields["filters"], form._fields["covariates"]) = (page.Filters ?? "", page.Covariates);
        }
        catch (BodyRefusedException e) when (e.Refusal.Status == StatusCodes.Status413PayloadTooLarge && request.Headers.ContentEncoding.Count == 0)
        {
            // Beside the map there is room for every other field: it is the map that is too large.
            faults.Add(TooLarge(maxMap));
        }
        catch (Exception e) when (body.RefusalOf(e) is { } refusal)
        {
            form.Refusal = refusal;
        }
        catch (Exception e) when (MultipartForm.IsTorn(e))
        {
            faults.Add(new RequestFault("form", "is not a complete multipart/form-data body"));
        }
        catch
        {
            form.Dispose();
            throw;
        }

        return form;
    }

    public void Dispose() => _body.Dispose();

    private static RequestFault TooLarge(long maxMap) => new("map_file", $"is larger than {maxMap >> 20} MiB");

    /// <summary>Reads one part; false when the rest of the body is not worth reading.</summary>
    private async Task<bool> ReadPartAsync(
        MultipartSection section, long maxMap, FaultList<RequestFault> faults)
    {
        var name = MultipartForm.NameOf(section);
        if (_page is not null && PageFields.Has(name))
            return await ReadTextAsync(section.Body, name, faults) is not null;
        if (!Names.Contains(name))
        {
            faults.Add(name == "seed" ? new RequestFault(name, "is the node's own: whoever chose it could find outcomes by the draws. The answer states the seed's SHA-256") : RequestFault.NoSuch(name, "field", Names));
            return true;
        }

        if (_fields.ContainsKey(name) || (name == "map_file" && Map is not null))
        {
            faults.Add(new RequestFault(name, "is there twice"));
            return true;
        }

        if (name == "map_file")
            return await ReadMapAsync(section.Body, maxMap, faults);

        if (await ReadTextAsync(section.Body, name, faults) is not { } text)
            return false;
        _fields[name] = text;
        return true;
    }

    /// <summary>Reads a field, for the page, too; null where it is too long.</summary>
    private async Task<string?> ReadTextAsync(Stream body, string name, FaultList<RequestFault> faults)
    {
        var most = _page is null ? MaxFieldBytes : PageFields.LongestOf(name);
        var bytes = new byte[most + 1];
        var length = await body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, _body.Stop);
        if (length > most)
        {
            faults.Add(new RequestFault(PageFields.FieldOf(name), $"is longer than {most} bytes"));
            return null;
        }

        // Some clients send a file, and some editors begin one with a byte order mark.
        var text = Encoding.UTF8.GetString(bytes, 0, length).TrimStart('\uFEFF');
        _shown += Encoding.UTF8.GetByteCount(name) + length;
        if (_page is not null && _shown > PageFields.MostBytes)
        {
            faults.Add(new RequestFault("form", $"has more than {PageFields.MostBytes} bytes beside the map"));
            return null;
        }

        _page?.Add(name, text);
        return text;
    }

    // The guest's contract is map.nii.gz, whatever came.
    private async Task<bool> ReadMapAsync(Stream body, long maxMap, FaultList<RequestFault> faults)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using var kept = _body.NewBuffer();
        var buffer = new byte[128 << 10];
        var read = await body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, _body.Stop);
        // A browser sends the field of a file also where none was chosen.
        if (read == 0 && _page is not null)
            return true;
        await using (Stream sink = buffer is [0x1f, 0x8b, ..] ? kept : new GZipStream(kept, CompressionLevel.Fastest, leaveOpen: true))
        {
            for (var length = 0L; read > 0; read = await body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, _body.Stop))
            {
                length += read;
                if (length > maxMap)
                {
                    faults.Add(TooLarge(maxMap));
                    return false;
                }

                hash.AppendData(buffer, 0, read);
                await sink.WriteAsync(buffer.AsMemory(0, read), _body.Stop);
            }
        }

        MapDigest = hash.GetHashAndReset();
        Map = await kept.ToArrayAsync(_body.Stop);
        return true;
    }
}
