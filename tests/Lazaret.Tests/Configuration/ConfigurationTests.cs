using Lazaret.Node;
using System.Collections;
using System.Globalization;
using System.Text.RegularExpressions;
using Lazaret.Node.Configuration;
using Lazaret.Node.Http.Tls;
using Lazaret.Node.Identity;
using Microsoft.Extensions.Configuration;

namespace Lazaret.Tests.Configuration;

public sealed partial class ConfigurationTests
{
    [Fact]
    public void Every_key_is_documented_with_its_default_and_no_other_is()
    {
        var documented = Row().Matches(File.ReadAllText(Repository.File("docs", "configuration.md")))
            .ToDictionary(row => row.Groups["key"].Value, row => row.Groups["default"].Value, StringComparer.Ordinal);
        var defaults = LazaretConfiguration.Keys(typeof(NodeOptions), new NodeOptions()).ToDictionary(key => key.Key, key => Show(key.Default), StringComparer.Ordinal);
        Assert.Equal(defaults.OrderBy(key => key.Key, StringComparer.Ordinal), documented.OrderBy(key => key.Key, StringComparer.Ordinal));
    }

    [Fact]
    public void Every_alias_is_documented_and_names_a_key()
    {
        var text = File.ReadAllText(Repository.File("docs", "configuration.md"));
        var keys = LazaretConfiguration.Keys(typeof(NodeOptions), new NodeOptions()).Select(key => key.Key).ToHashSet();
        foreach (var (alias, key) in SettingAliases.All)
        {
            Assert.Contains($"`{alias}`", text, StringComparison.Ordinal);
            Assert.Contains(key, keys);
        }
    }

    [Fact]
    public void Everything_wrong_is_said_at_once()
    {
        var refusal = Refuse(
            ("Jobs:LeaseSeconds", "0"), ("Disclosure:MinimumCohort", "2"), ("Database:Provider", "oracle"), ("Site:Colour", "red"), ("Sandbox:Backend", "hope"),
            ("Nonsense", "1"), ("Auth:Modes", "key"), ("Data", "/srv"));
        Assert.Equal(
            ["Lazaret:Auth:Modes", "Lazaret:Data", "Lazaret:Database:Provider", "Lazaret:Disclosure:MinimumCohort", "Lazaret:Jobs:LeaseSeconds", "Lazaret:Nonsense", "Lazaret:Sandbox:Backend", "Lazaret:Site:Colour"],
            refusal.Split('\n').Select(line => line.Split(": ")[0]).Order());
    }

    [Fact]
    public void Lists_of_sections_are_read_and_checked_like_sections()
    {
        var refusal = Refuse(("Auth:Jwt:Issuers:0:Colour", "red"), ("Auth:Jwt:Issuers:0:Name", "a"), ("Auth:Jwt:Issuers:0:Scopes:urn:ask", "requester"));
        Assert.Contains("Lazaret:Auth:Jwt:Issuers:0:Colour: no such key", refusal, StringComparison.Ordinal);
        Assert.Contains("Lazaret:Auth:Jwt:Issuers:0:Scopes:urn: keys of a configuration cannot hold a colon: write %3A", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_very_many_faults_twenty_are_told()
    {
        var lines = Refuse([.. Enumerable.Range(0, 500).Select(i => ($"Nonsense{i}", "1"))]).Split('\n');
        Assert.Equal((21, "and 480 more"), (lines.Length, lines[^1]));
    }

    [Fact]
    public void A_value_that_is_no_number_names_its_key() =>
        Assert.Contains("Lazaret:Jobs:LeaseSeconds", Refuse(("Jobs:LeaseSeconds", "soon")), StringComparison.Ordinal);

    [Theory]
    [InlineData("http://127.0.0.1:8080")]
    [InlineData("http://localhost:81;http://[::1]:0")]
    public void A_node_without_authentication_listens_on_loopback(string urls) =>
        Assert.Empty(ListenAddresses.Faults(ListenAddresses.Split(urls), new AuthOptions(), new TlsOptions()));

    [Theory]
    [InlineData("http://0.0.0.0:8080")]
    [InlineData("http://*:8080")]
    [InlineData("http://+:8080")]
    [InlineData("http://10.0.0.1:8080")]
    [InlineData("http://[::]:8080")]
    [InlineData("http://example.org:8080")]
    [InlineData("http://127.0.0.1:8080;http://192.168.0.7:8080")]
    [InlineData("ftp://127.0.0.1")]
    [InlineData("8080")]
    [InlineData("http://127.0.0.1:8080/path")]
    [InlineData("http://localhost:0")]
    public void A_node_without_authentication_listens_nowhere_else(string urls) =>
        Assert.NotEmpty(ListenAddresses.Faults(ListenAddresses.Split(urls), new AuthOptions(), new TlsOptions()));

    [Fact]
    public void Addresses_of_the_server_s_own_section_are_refused()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([KeyValuePair.Create<string, string?>("Kestrel:Endpoints:Http:Url", "http://0.0.0.0:80")]).Build();
        Assert.StartsWith("Kestrel: is not read", Assert.Throws<InputException>(() => LazaretConfiguration.Read(configuration)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_connection_that_nobody_reads_and_a_section_that_is_almost_the_nodes_are_refused()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(
            [new("ConnectionStrings:Lazarret", "Host=x"), new("ConnectionStrings:redis", "x"), new("Lazarett:Site:Name", "x"), new("Logging:LogLevel:Default", "Debug"), new("LAZARET_TRACE", "1")]).Build();
        Assert.Equal(
            ["ConnectionStrings:Lazarret: no such connection; there are Lazaret, Redis", "Lazarett: no such section; the node's is Lazaret"],
            Assert.Throws<InputException>(() => LazaretConfiguration.Read(configuration)).Message.Split('\n'));
    }

    /// <summary>The framework's binder passes over all of them: an authentication mode that is written so would be none.</summary>
    [Theory]
    [InlineData("Lazaret:Auth:Modes:0:Name", "key", "Lazaret:Auth:Modes:0:Name: no such key; Lazaret:Auth:Modes:0 is a value")]
    [InlineData("Lazaret:Auth:Modes:0:", "key", "Lazaret:Auth:Modes:0:: no such key; Lazaret:Auth:Modes:0 is a value")]
    [InlineData("Lazaret:State:Path", "/x", "Lazaret:State:Path: no such key; Lazaret:State is a value")]
    [InlineData("Lazaret:Data:View:0", "/x", "Lazaret:Data:View:0: no such key; Lazaret:Data:View is a value")]
    [InlineData("ConnectionStrings:Lazaret:X", "Host", "ConnectionStrings:Lazaret:X: no such connection; ConnectionStrings are values")]
    [InlineData("ConnectionStrings", "abc", "ConnectionStrings: is a section, not a value; there are ConnectionStrings:Lazaret, ConnectionStrings:Redis")]
    [InlineData("Lazaret:Retention:InputDays", "", "Lazaret:Retention:InputDays: '' is not a whole number")]
    [InlineData("Lazaret:Database:AutoMigrate", "no", "Lazaret:Database:AutoMigrate: 'no' is not true or false")]
    [InlineData("Logging:LogLevel:Default", "Loud", "Logging:LogLevel:Default: 'Loud' is none of Trace, Debug, Information, Warning, Error, Critical, None")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "nonsense", "OTEL_EXPORTER_OTLP_ENDPOINT: is no address like http://127.0.0.1:4317")]
    public void What_nothing_reads_or_nothing_can_is_refused(string key, string value, string said)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new(key, value)]).Build();
        Assert.Equal(said, Assert.Throws<InputException>(() => LazaretConfiguration.Read(configuration)).Message);
    }

    [Fact]
    public void Every_value_that_is_none_of_its_kind_is_said_at_once()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new("Lazaret:Retention:InputDays", "x"), new("Lazaret:Jobs:LeaseSeconds", "1e2,")]).Build();
        Assert.Equal(2, Assert.Throws<InputException>(() => LazaretConfiguration.Read(configuration)).Message.Split('\n').Length);
    }

    [Theory]
    [InlineData("DOTNET_ENVIROMENT", "DOTNET_ENVIRONMENT")]
    [InlineData("ASPNETCORE_ENVIRONEMENT", "ASPNETCORE_ENVIRONMENT")]
    [InlineData("DATA_VEIW", "DATA_VIEW")]
    [InlineData("SITENAME", "SITE_NAME")]
    [InlineData("KMIN", "K_MIN")]
    [InlineData("DOTNET_ENVIRONMENT", null)]
    [InlineData("DOTNET_gcServer", null)]
    [InlineData("HTTPS_PROXY", null)]
    [InlineData("TZ", null)]
    public void A_variable_that_is_almost_one_that_counts_is_refused(string name, string? meant) =>
        Assert.Equal(meant is null ? [] : [$"{name}: nothing reads it; did you mean {meant}?"], MisspelledNames.FindInVariables([(name, "x")]).Select(found => found.Fault));

    [Fact]
    public void An_environment_that_is_almost_Production_does_not_switch_its_rules_off()
    {
        Assert.NotNull(new NodeEnvironment("Prod").Fault);
        Assert.NotNull(new NodeEnvironment("producton").Fault);
        Assert.All(["Production", "PRODUCTION", "Development", "Test"], name => Assert.Null(new NodeEnvironment(name).Fault));
    }

    [Fact]
    public void A_name_in_the_nodes_JSON_file_that_nothing_reads_is_refused_and_another_programs_file_is_left_alone()
    {
        using var folder = new TemporaryFolder();
        folder.Write("appsettings.json", """{"Lazaret":{"State":"x"},"Conections":{"Lazaret":"Host=x"},"urls":"http://127.0.0.1:1","OTEL_SERVICE_NAME":"x","Logging":{}}""");
        folder.Write("other/appsettings.json", """{"Serilog":{"Level":"Debug"}}""");
        folder.Write("wrong.json", """{"Lazart":{"State":"x"}}""");
        Assert.Equal($"{folder["appsettings.json"]}: Conections: nothing reads it; there are Lazaret, ConnectionStrings, Logging and urls", Refused(() => Build(ConfigurationSource.Find(folder["appsettings.json"]))));
        Assert.StartsWith($"{folder["wrong.json"]}: Lazart: nothing reads it", Refused(() => ConfigurationSource.Find(folder["wrong.json"])), StringComparison.Ordinal);
        Build(new ConfigurationSource(folder["other"], folder["other/appsettings.json"], Variables: null));

        static string Refused(Action read) => Assert.Throws<InputException>(read).Message;

        static void Build(ConfigurationSource source) => LazaretConfiguration.Build([], source);
    }

    /// <summary>What systemd passes over with a warning, and what nobody would read: so a minimum cohort of 50 would be the default one.</summary>
    [Fact]
    public void A_line_of_an_environment_file_that_would_set_nothing_is_refused()
    {
        using var folder = new TemporaryFolder();
        folder.Write("lazaret.env", """
            # NAME
            DOTNET_ENVIRONMENT=Production
            OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4317
            Lazaret__Keys__Variable=WARD__RING
            WARD__RING=secret
            export Lazaret__Disclosure__MinimumCohort=50
            Lazaret__Jobs__LeaseSeconds
            Lazart__Disclosure__MinimumCohort=50
            Lazaret_Disclosure_MinimumCohort=50
            ConnectionString__Lazaret=Host=x;Password=secret
            lazaret__site__name=Ward

            """);
        var refusal = Assert.Throws<InputException>(() => LazaretConfiguration.Build([], ConfigurationSource.Find(folder["lazaret.env"]))).Message;
        Assert.DoesNotContain("secret", refusal, StringComparison.Ordinal);
        Assert.Equal(
            ["line 6: systemd passes over it", "line 7: systemd passes over it", "Lazart__Disclosure__MinimumCohort: no such setting", "Lazaret_Disclosure_MinimumCohort: no such setting", "ConnectionString__Lazaret: no such setting"],
            refusal.Split('\n').Select(line => string.Join(": ", line.Split(": ")[1..3])));
    }

    private static string Refuse(params (string Key, string Value)[] settings)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create<string, string?>($"Lazaret:{setting.Key}", setting.Value)))
            .Build();
        return Assert.Throws<InputException>(() => LazaretConfiguration.Read(configuration)).Message;
    }

    private static string Show(object? value) => value switch
    {
        string text => text,
        bool truth => truth ? "true" : "false",
        IEnumerable => "[]",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    [GeneratedRegex(@"^\| `(?<key>[A-Za-z:]+)` \| `(?<default>[^`]*)` \|", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Row();
}
