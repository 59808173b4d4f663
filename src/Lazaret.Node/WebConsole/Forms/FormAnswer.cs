using Lazaret.Node.WebConsole.Parts;

namespace Lazaret.Node.WebConsole.Forms;

/// <summary>The outcome of a form that was sent, for the page that answers it.</summary>
internal sealed record FormAnswer
{
    private static readonly FormAnswer None = new();

    private readonly Dictionary<string, string> _labels = new(StringComparer.Ordinal);

    /// <summary>The form's name on its page; empty when none was sent.</summary>
    public string Form { get; init; } = "";

    /// <summary>What was typed.</summary>
    public IFormCollection Fields { get; init; } = FormCollection.Empty;

    /// <summary>What is wrong with the fields.</summary>
    public IReadOnlyList<InputFault> Faults { get; init; } = [];

    /// <summary>The secret that the form made; null when there is none to show.</summary>
    public Secret? Secret { get; init; }

    /// <summary>Is called when the page has given a field its label: the summary of what is wrong is rendered before the fields.</summary>
    public Action? Labelled { get; set; }

    /// <summary>The label by which the page calls a part of the form.</summary>
    public string LabelOf(string option) => _labels.GetValueOrDefault(option, Words.Sentence(option.Replace('-', ' ')));

    /// <summary>Notes the label that the page gives to a field.</summary>
    public void Label(string form, string name, string label)
    {
        if (form != Form || Faults.All(fault => fault.Option != name))
            return;
        _labels[name] = label;
        Labelled?.Invoke();
    }

    /// <summary>The answer of this request; an empty one when no form was sent.</summary>
    public static FormAnswer Of(HttpContext http) => http.Items[typeof(FormAnswer)] as FormAnswer ?? None;

    public void Keep(HttpContext http) => http.Items[typeof(FormAnswer)] = this;
}
