namespace Lazaret.Node.WebConsole.Forms;

/// <summary>What became of a form that was sent, for the page that answers it.</summary>
internal sealed record FormAnswer
{
    private static readonly FormAnswer None = new();

    /// <summary>The form's name on its page; empty where none was sent.</summary>
    public string Form { get; init; } = "";

    /// <summary>What was typed.</summary>
    public IFormCollection Fields { get; init; } = FormCollection.Empty;

    /// <summary>What is wrong with it.</summary>
    public IReadOnlyList<InputFault> Faults { get; init; } = [];

    /// <summary>What it made; null for nothing that must be shown.</summary>
    public Secret? Secret { get; init; }

    /// <summary>Of this request.</summary>
    public static FormAnswer Of(HttpContext http) => http.Items[typeof(FormAnswer)] as FormAnswer ?? None;

    public void Keep(HttpContext http) => http.Items[typeof(FormAnswer)] = this;
}
