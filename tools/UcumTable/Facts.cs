using System.Formats.Tar;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Lazaret.UcumTable;

/// <summary>
/// Every prefix, base unit and unit of UCUM 2.2. @atomic-ehr/ucum 0.2.5 holds all of them but not which are arbitrary; ucum 0.0.7
/// holds version 1.9 of the table, whose constants are old, so that only its isArbitrary is taken. [IR] came after 1.9.
/// </summary>
public static partial class Facts
{
    public const string Notice = """
        # UCUM 2.2: prefixes, base units and units, one a row; written by tools/UcumTable.
        # Copyright 1999-2024 Regenstrief Institute, Inc. All rights reserved. Licensed under the UCUM License, Version 1.1 (the "License"); you
        # may not use this file except in compliance with the License. You may obtain a copy of the License at
        # https://unitsofmeasure.org/license. Unless required by applicable law or agreed to in writing, software distributed under the License
        # is distributed on an "AS IS" BASIS, WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the License for the
        # specific language governing permissions and limitations under the License.
        # code	kind	value	unit	function	name
        # kind: p a prefix, b a base unit, m a unit that takes prefixes, n one that takes none; then a: arbitrary, s: special

        """;

    private const string Units = "atomic-ehr-ucum-0.2.5.tgz";
    private const string Flags = "ucum-0.0.7.tgz";

    public static IReadOnlyList<string> Read(string folder)
    {
        var arbitrary = XDocument.Parse(File(Path.Combine(folder, Flags), "package/vendor/ucum-essence.xml")).Descendants()
            .Where(unit => (string?)unit.Attribute("isArbitrary") == "yes")
            .Select(unit => (string)unit.Attribute("Code")!).Append("[IR]").ToHashSet(StringComparer.Ordinal);
        var prefixes = Parse(File(Path.Combine(folder, Units), "package/dist/prefixes.js"));
        var units = Parse(File(Path.Combine(folder, Units), "package/dist/units.js"));
        return
        [
            .. prefixes.EnumerateObject().Select(prefix => Row(
                prefix.Name, "p", decimal.Parse(prefix.Value.GetProperty("value").GetRawText(), NumberStyles.Float, CultureInfo.InvariantCulture)
                    .ToString(CultureInfo.InvariantCulture), "", "", Text(prefix.Value, "name"))),
            .. units.EnumerateObject().Select(unit => Unit(unit.Name, unit.Value, arbitrary.Contains(unit.Name))),
        ];
    }

    private static string Unit(string code, JsonElement unit, bool isArbitrary)
    {
        var isSpecial = Has(unit, "isSpecial");
        var kind = (Has(unit, "isBaseUnit") ? "b" : Has(unit, "isMetric") ? "m" : "n") + (isArbitrary ? "a" : "") + (isSpecial ? "s" : "");
        var value = unit.GetProperty("value");
        var source = isSpecial ? value.GetProperty("function") : value;
        return Row(code, kind, Text(source, "value"), Text(source, "Unit"), isSpecial ? Text(source, "name") : "", Text(unit, "name"));
    }

    private static string Row(params string[] cells) => string.Join('\t', cells);

    private static bool Has(JsonElement unit, string member) => unit.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.True;

    private static string Text(JsonElement element, string member) => element.GetProperty(member).ToString();

    // "export const units = {" and one member a line; names of members are bare, but for the outermost.
    private static JsonElement Parse(string script)
    {
        var json = new StringBuilder("{");
        var members = script.Split('\n').SkipWhile(line => !line.StartsWith("export const", StringComparison.Ordinal)).Skip(1).TakeWhile(line => line is not "};")
            .Where(line => !line.TrimStart().StartsWith("dimension:", StringComparison.Ordinal));
        foreach (var line in members)
            json.Append(BareName().Replace(line, "$1\"$2\":")).Append('\n');
        return JsonDocument.Parse(json.Append('}').ToString(), new JsonDocumentOptions { AllowTrailingCommas = true }).RootElement;
    }

    private static string File(string package, string name)
    {
        using var file = System.IO.File.OpenRead(package);
        using var tar = new TarReader(new GZipStream(file, CompressionMode.Decompress));
        while (tar.GetNextEntry() is { } entry)
        {
            if (entry.Name == name && entry.DataStream is { } data)
                return new StreamReader(data, Encoding.UTF8).ReadToEnd();
        }

        throw new InvalidDataException($"{package} has no {name}");
    }

    [GeneratedRegex("^( +)([A-Za-z]+):", RegexOptions.None, 1000)]
    private static partial Regex BareName();
}
