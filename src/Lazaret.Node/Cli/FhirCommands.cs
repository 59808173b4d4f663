using System.CommandLine;
using System.Text;
using System.Text.Json;
using Lazaret.Cohort.Files;
using Lazaret.Fhir;

namespace Lazaret.Node.Cli;

internal static class FhirCommands
{
    public static Command Create()
    {
        var files = new Argument<string[]>("F") { Description = "FHIR R4 resources as JSON", Arity = ArgumentArity.OneOrMore };
        var json = new Option<bool>("--json") { Description = "one JSON line per file" };
        var validate = new Command("validate", "Check whether files are valid FHIR R4.") { files, json };
        validate.SetAction((parsed, cancellationToken) =>
        {
            var valid = true;
            foreach (var file in parsed.GetRequiredValue(files))
            {
                var validation = FhirValidator.Validate(Read(file), FhirBudget.Unlimited(cancellationToken));
                valid &= validation.IsValid;
                Console.WriteLine(parsed.GetValue(json) ? ToJson(file, validation) : Describe(file, validation));
            }

            return Task.FromResult(valid ? ExitCodes.Done : ExitCodes.No);
        });
        return new Command("fhir", "FHIR R4, as the node judges it.") { validate, UnitsCommand.Create() };
    }

    /// <summary>A file of the command line's.</summary>
    /// <exception cref="InputException">It cannot be read.</exception>
    public static ReadOnlyMemory<byte> Read(string file)
    {
        try
        {
            var bytes = RegularFile.ReadAllBytes(file, FhirValidator.MaxBytes);
            if (Utf8Text.IsGzip(bytes))
                throw new InputException($"{file}: {Utf8Text.Compressed}");
            return Utf8Text.OtherEncoding(bytes) is { } encoding
                ? throw new InputException($"{file}: is {encoding}: FHIR's JSON is UTF-8")
                : Utf8Text.WithoutMark(bytes);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{file}: {e.Message}");
        }
    }

    private static string ToJson(string file, FhirValidation validation)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("file", file);
            json.WriteBoolean("valid", validation.IsValid);
            json.WriteStartArray("issues");
            foreach (var issue in validation.Issues)
            {
                json.WriteStartObject();
                json.WriteString("severity", OperationOutcome.Word(issue.Severity));
                json.WriteString("code", issue.Code);
                json.WriteString("expression", issue.Expression);
                json.WriteString("diagnostics", issue.Diagnostics);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    private static string Describe(string file, FhirValidation validation) => string.Join('\n', validation.Issues
        .Select(issue => PlainText.Line($"  {OperationOutcome.Word(issue.Severity)} {issue.Code} at {(issue.Expression.Length > 0 ? issue.Expression : "the whole")}: {issue.Diagnostics}"))
        .Prepend($"{file}: {(validation.IsValid ? "valid" : "not valid")}"));
}
