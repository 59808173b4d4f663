using System.Text;
using Lazaret.UcumTable;

// npm pack @atomic-ehr/ucum@0.2.5 ucum@0.0.7
// dotnet run --project tools/UcumTable -- FOLDER_OF_BOTH_TGZ src/Lazaret.Fhir/Units/ucum.tsv
if (args is not [var folder, var output])
{
    Console.Error.WriteLine("usage: UcumTable FOLDER_OF_BOTH_TGZ OUTPUT");
    return 2;
}

var rows = Facts.Read(folder);
File.WriteAllText(output, Facts.Notice + string.Concat(rows.Select(row => row + "\n")), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
Console.WriteLine($"{output}: {rows.Count} rows");
return 0;
