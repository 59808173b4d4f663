using Lazaret.FhirTables;

// npm pack hl7.fhir.r4.examples@4.0.1 hl7.fhir.r4.expansions@4.0.1
// dotnet run --project tools/FhirTables -- FOLDER_OF_BOTH_TGZ src/Lazaret.Fhir/Definitions/r4.table
if (args is not [var folder, var output])
{
    Console.Error.WriteLine("usage: FhirTables FOLDER_OF_BOTH_TGZ OUTPUT");
    return 2;
}

var table = TableWriter.Compress(TableWriter.Write(Package.Read(folder)));
File.WriteAllBytes(output, table);
Console.WriteLine($"{output}: {table.Length} bytes");
return 0;
