using Lazaret.Node.WebConsole.Parts;

namespace Lazaret.Node.WebConsole.Forms;

/// <summary>What became of a form that was sent, for the page that answers it.</summary>
internal sealed record FormAnswer
{
    private static readonly FormAnswer None = new();

    private readonly Dictionary<string, string> _labels = new(StringComparer.Ordinal);

    /// <summary>The form's name on its page; empty where none was sent.</summary>
    public string Form { get; init; } = "";

    /// <summary>What was typed.</summary>
    public IFormCollection Fields { get; init; } = FormCollection.Empty;

    /// <summary>What is wrong with it.</summary>
    public IReadOnlyList<InputFault> Faults { get; init; } = [];

    /// <summary>What it made; null for nothing that must be shown.</summary>
    public Secret? Secret { get; init; }

    /// <summary>Is told when the page has called a field by its label: the summary of what is wrong is written before the fields are.</summary>
    public Action? Labelled { get; set; }

    /// <summary>What the page calls a part of the form.</summary>
    public string LabelOf(string option) => _labels.GetValueOrDefault(option, Words.Sentence(option.Replace('-', ' ')));

    /// <summary>Notes what the page calls a field.</summary>
    public void Label(string form, string name, string label)
    {
        if (form != Form || Faults.All(fault => fault.Option != name))
            return;
        _labels[name] = label;
        Labelled?.Invoke();
    }

    /// <summary>Of this request.</summary>
    public static FormAnswer Of(HttpContext http) => http.Items[typeof(FormAnswer)] as FormAnswer ?? None;

    public void Keep(HttpContext http) => http.Items[typeof(FormAnswer)] = this;
}
