using System.Globalization;
using Lazaret.Node.Http.Bodies;
using Lazaret.Node.Identity;
using Lazaret.Node.Identity.People.Pages;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Lazaret.Node.WebConsole.Forms;

/// <summary>Reads and answers the small forms of the console's pages.</summary>
internal static class ConsoleForm
{
    private const long MostBytes = 256 << 10;
    private const int MostFields = 16;

    /// <summary>The form's fields; none when something else was sent, or too much.</summary>
    /// <inheritdoc cref="RevokedMeanwhile.RefuseRevokedAsync" path="/exception"/>
    public static async Task<IFormCollection> ReadAsync(HttpRequest request)
    {
        var form = request.HasFormContentType && request.ContentLength is <= MostBytes ? await request.ReadSmallFormAsync() : null;
        await request.HttpContext.RefuseRevokedAsync();
        return form ?? FormCollection.Empty;
    }

    /// <summary>The fields of a form whose body was read already, within the bounds of the node's bodies; none when it is no form.</summary>
    public static async Task<IFormCollection> ReadAsync(HttpRequest request, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        if (!request.HasFormContentType)
            return FormCollection.Empty;
        request.Body = new MemoryStream(body.ToArray(), writable: false);
        // The whole body is in memory already, and no part of it needs a file.
        var within = new FormOptions { ValueLengthLimit = body.Length, MultipartBodyLengthLimit = body.Length, MemoryBufferThreshold = body.Length + 1, ValueCountLimit = MostFields };
        try
        {
            return await new FormFeature(request, within).ReadFormAsync(cancellationToken);
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            return FormCollection.Empty;
        }
    }

    /// <summary>
    /// Does what a form asks for. If that is not possible, the page that has the form answers, with what was typed and what is wrong with it. If it makes a secret, the page
    /// shows the secret this once. Otherwise the browser is redirected, and the next page says what was done.
    /// </summary>
    /// <param name="http">The request.</param>
    /// <param name="form">The form's name on its page.</param>
    /// <param name="page">The page that has the form.</param>
    /// <param name="next">The page to which the browser is redirected.</param>
    /// <param name="act">Does what the form asks for.</param>
    public static async Task<IResult> ActAsync(HttpContext http, string form, RazorComponentResult page, string next, Func<IFormCollection, Task<Done>> act)
    {
        var fields = await ReadAsync(http.Request);
        try
        {
            var done = await act(fields);
            if (done is Told told)
            {
                Notice.Keep(http, told.Words);
                return new SeeOther(next);
            }

            http.Response.Headers.CacheControl = "no-store";
            new FormAnswer { Form = form, Secret = (Secret)done }.Keep(http);
        }
        catch (InputException e)
        {
            page.StatusCode = StatusCodes.Status422UnprocessableEntity;
            new FormAnswer { Form = form, Fields = fields, Faults = e.Faults }.Keep(http);
        }

        return page;
    }

    /// <summary>A field's text without the blanks around it.</summary>
    public static string Text(this IFormCollection fields, string name) => fields[name].ToString().Trim();

    /// <summary>A field's whole number; 0 when nothing was typed.</summary>
    public static int Number(this IFormCollection fields, string name, List<InputFault> faults)
    {
        var text = fields.Text(name);
        if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) || text.Length == 0)
            return number;
        faults.Add(new InputFault(name, "must be a whole number"));
        return 0;
    }
}
