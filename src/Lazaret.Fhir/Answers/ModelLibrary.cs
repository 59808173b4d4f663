namespace Lazaret.Fhir.Answers;

/// <summary>A model as a FHIR Library, as UTF-8 JSON.</summary>
public static class ModelLibrary
{
    /// <summary><c>GET Library/{key}</c>: the module itself, with what it needs.</summary>
    public static byte[] ToJson(ModelDescription model) => Write(model, "logic-library", model.Key);

    /// <summary><c>Library/{key}/$data-requirements</c>: a module definition that holds the requirements alone.</summary>
    public static byte[] DataRequirements(ModelDescription model) => Write(model, "module-definition", id: null);

    private static byte[] Write(ModelDescription model, string type, string? id) => FhirJson.Write(writer =>
    {
        writer.WriteString("resourceType", "Library");
        if (id is not null)
        {
            writer.WriteString("id", id);
            writer.WriteString("url", model.Url);
            writer.WriteString("version", model.Version);
        }

        writer.WriteString("name", "Model_" + string.Concat(model.Key.Select(character => char.IsAsciiLetterOrDigit(character) ? character : '_')));
        writer.WriteString("title", model.Title);
        writer.WriteString("status", "active");
        writer.Coding("type", "http://terminology.hl7.org/CodeSystem/library-type", type);
        DataRequirement.Write(writer, model.Requirements);
    });
}
