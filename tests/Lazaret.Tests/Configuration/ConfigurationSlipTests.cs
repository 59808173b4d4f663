using Lazaret.Node;
using Lazaret.Node.Configuration;
using Lazaret.Node.Identity;
using Microsoft.Extensions.Configuration;

namespace Lazaret.Tests.Configuration;

/// <summary>Slips in a configuration that would set nothing, or something else, without a word.</summary>
public sealed class ConfigurationSlipTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Names_that_nothing_reads_and_values_that_are_wrong_are_told_together()
    {
        _folder.Write("lazaret.env", "DATA_VEIW=/x\nK_MIN=1\nLazaret__Jobs__LeaseSecond=2\nLazaret__Foo=1\nLazart__Site__Name=x\n");
        Assert.Equal(
            ["DATA_VEIW", "Lazaret:Disclosure:MinimumCohort", "Lazaret:Foo", "Lazaret:Jobs:LeaseSecond", "Lazart__Site__Name"],
            Refusal("lazaret.env").Split('\n').Select(line => line.Replace($"{_folder["lazaret.env"]}: ", "", StringComparison.Ordinal).Split(": ")[0]).Order(StringComparer.Ordinal));

        _folder.Write("node.json", """{"Lazaret":{"Lazarret":1},"Lazarete":{"State":"x"}}""");
        Assert.Equal(
            [$"{_folder["node.json"]}: Lazarete: nothing reads it", "Lazaret:Lazarret: no such key"],
            Refusal("node.json").Split('\n').Select(line => line.Split("; there are ")[0]));
    }

    [Fact]
    public void A_name_that_systemd_takes_for_none_is_refused_with_the_sign_that_is_at_fault()
    {
        _folder.Write("lazaret.env", "Lazaret__Auth__Oidc__Roles__lazaret-stewards=secret\nexport A=1\nA B=1\nB\n1A=1\n");
        var lines = Refusal("lazaret.env").Split('\n').Select(line => line.Split("systemd passes over it: ")[1]).ToList();
        Assert.Equal("a name has letters, digits and '_' alone, and not '-': a key that needs another sign goes into appsettings.json beside this file", lines[0]);
        Assert.All(lines[1..3], line => Assert.Contains("without 'export' and without spaces", line, StringComparison.Ordinal));
        Assert.Equal(["write NAME=VALUE", "a name begins with no digit"], lines[3..]);
    }

    [Fact]
    public void A_role_of_the_provider_may_be_written_where_its_name_cannot_be_a_key()
    {
        _folder.Write("lazaret.env", "Lazaret__Auth__Oidc__Roles__0=lazaret-stewards=steward\nLazaret__Auth__Oidc__Roles__1=urn:x=y=auditor\n");
        _folder.Write("appsettings.json", """{"Lazaret":{"Auth":{"Oidc":{"Roles":{"ward%3Aops":"operator","7":"requester"}}}}}""");
        var oidc = LazaretConfiguration.Read(LazaretConfiguration.Build([], ConfigurationSource.Find(_folder["lazaret.env"]))).Auth.Oidc;
        Assert.Equal(Roles.Steward, oidc.RolesOf(["lazaret-stewards"]));
        Assert.Equal(Roles.Auditor, oidc.RolesOf(["urn:x=y"]));
        Assert.Equal(Roles.Operator | Roles.Requester, oidc.RolesOf(["ward:ops", "7"]));
        Assert.Equal(Roles.None, oidc.RolesOf(["0", "1", "lazaret-stewards=steward"]));
    }

    [Theory]
    [InlineData("ASPNETCORE_URL", "URLS")]
    [InlineData("ASPNETCORE_URLS", "URLS")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPONT", "OTEL_EXPORTER_OTLP_ENDPOINT")]
    [InlineData("OTEL_SERVICENAME", "OTEL_SERVICE_NAME")]
    [InlineData("URLS", null)]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", null)]
    [InlineData("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", null)]
    [InlineData("OTEL_TRACES_SAMPLER", null)]
    public void A_variable_of_the_framework_is_known_from_a_slip_of_it(string name, string? meant) =>
        Assert.Equal(meant is null ? [] : [$"{name}: nothing reads it; did you mean {meant}?"], MisspelledNames.FindInVariables([(name, "x")]).Select(found => found.Fault));

    [Fact]
    public void The_form_of_the_log_is_the_nodes_setting_and_not_the_frameworks()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new("Logging:Format", "json"), new("Logging:LogLevel:Default", "Debug")]).Build();
        Assert.Equal("Logging:Format: nothing reads it; did you mean Lazaret:Logging:Format?", Assert.Throws<InputException>(() => LazaretConfiguration.Read(configuration)).Message);
    }

    [Theory]
    [InlineData("K_MIN=5\nLazaret__Disclosure__MinimumCohort=10\n", "K_MIN and Lazaret__Disclosure__MinimumCohort: are the same setting, and have different values: leave one of them out")]
    [InlineData("lazaret__site__name=a\nSITE_NAME=b\n", "SITE_NAME and lazaret__site__name: are the same setting, and have different values: leave one of them out")]
    public void An_alias_and_its_key_that_differ_are_refused(string text, string said)
    {
        _folder.Write("lazaret.env", text);
        Assert.Equal($"{_folder["lazaret.env"]}: {said}", Refusal("lazaret.env"));
    }

    [Fact]
    public void An_alias_and_its_key_that_agree_are_taken()
    {
        _folder.Write("lazaret.env", "K_MIN=12\nLazaret__Disclosure__MinimumCohort=12\n");
        Assert.Equal(12, LazaretConfiguration.Read(LazaretConfiguration.Build([], ConfigurationSource.Find(_folder["lazaret.env"]))).Disclosure.MinimumCohort);
    }

    [Theory]
    [InlineData("sqlite", "Host=db;Database=lazaret;Username=lazaret;Password=secret", true)]
    [InlineData("sqlite", "postgresql://lazaret:secret@db/lazaret", true)]
    [InlineData("sqlite", "Data Source=/srv/lazaret.db;Foreign Keys=True", false)]
    [InlineData("postgres", "Host=db;Database=lazaret", false)]
    public void A_connection_string_of_PostgreSQL_is_refused_where_the_database_is_SQLite(string provider, string connection, bool refused)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new("Lazaret:Database:Provider", provider), new("ConnectionStrings:Lazaret", connection)]).Build();
        var refusal = Record.Exception(() => LazaretConfiguration.Read(configuration));
        Assert.Equal(refused ? "ConnectionStrings:Lazaret: this is a connection string of PostgreSQL: set Lazaret:Database:Provider=postgres" : null, refusal?.Message);
    }

    [Fact]
    public void An_environment_that_is_neither_Development_nor_Production_is_said()
    {
        Assert.All(["Production", "production", "Development"], name => Assert.Null(new NodeEnvironment(name).Doubt));
        Assert.Equal("the environment is 'Staging', and the rules of Development hold: only Production has others", new NodeEnvironment("Staging").Doubt);
    }

    public void Dispose() => _folder.Dispose();

    private string Refusal(string file) => Assert.Throws<InputException>(() => LazaretConfiguration.Build([], ConfigurationSource.Find(_folder[file]))).Message;
}
