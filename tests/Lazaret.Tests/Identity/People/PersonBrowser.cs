using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Lazaret.Tests.Http;

namespace Lazaret.Tests.Identity.People;

/// <summary>What a browser does with the pages: it keeps cookies, says where a request comes from, and sends forms with their hidden fields. It runs no script.</summary>
internal sealed partial class PersonBrowser : IDisposable
{
    private readonly HttpClient _client;

    public PersonBrowser(ServingNode node)
        : this(node.Client.BaseAddress!)
    {
    }

    public PersonBrowser(Uri node)
    {
        Node = node;
        _client = new HttpClient(new HttpClientHandler { CookieContainer = Cookies, AllowAutoRedirect = false }) { BaseAddress = Node };
        _client.DefaultRequestHeaders.Accept.ParseAdd("text/html");
    }

    public Uri Node { get; }

    public CookieContainer Cookies { get; } = new();

    /// <summary>What the session's cookie holds; null where there is none.</summary>
    public string? Session => Cookies.GetCookies(Node)["lazaret"]?.Value;

    public async Task<(HttpStatusCode Status, string Body, HttpResponseMessage Answer)> SendAsync(HttpMethod method, string path, HttpContent? content = null, string? site = "same-origin", string? origin = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        if (site is not null)
            request.Headers.Add("Sec-Fetch-Site", site);
        if (origin is not null)
            request.Headers.Add("Origin", origin);
        using var answer = await _client.SendAsync(request, TestContext.Current.CancellationToken);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), answer);
    }

    public async Task<string> GetAsync(string path) => (await SendAsync(HttpMethod.Get, path)).Body;

    /// <summary>Opens a page, fills in its form, and sends it.</summary>
    public async Task<(HttpStatusCode Status, string Body, HttpResponseMessage Answer)> SubmitAsync(string page, string path, params (string Name, string Value)[] fields) =>
        await PostAsync(path, Hidden(await GetAsync(page)), fields);

    public async Task<(HttpStatusCode Status, string Body, HttpResponseMessage Answer)> PostAsync(string path, IReadOnlyDictionary<string, string> hidden, params (string Name, string Value)[] fields)
    {
        var all = hidden.ToDictionary();
        foreach (var (name, value) in fields)
            all[name] = value;
        using var form = new FormUrlEncodedContent(all);
        return await SendAsync(HttpMethod.Post, path, form);
    }

    public static IReadOnlyDictionary<string, string> Hidden(string page) =>
        HiddenField().Matches(page).DistinctBy(field => field.Groups["name"].Value).ToDictionary(field => field.Groups["name"].Value, field => WebUtility.HtmlDecode(field.Groups["value"].Value));

    /// <summary>Who the node believes this browser to be; null when it is nobody.</summary>
    public async Task<JsonElement?> WhoAmIAsync()
    {
        var (status, body, _) = await SendAsync(HttpMethod.Get, "/session");
        return status == HttpStatusCode.OK ? JsonElement.Parse(body) : null;
    }

    public void Dispose() => _client.Dispose();

    [GeneratedRegex("""<input type="hidden" name="(?<name>[^"]+)" value="(?<value>[^"]*)""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex HiddenField();
}
