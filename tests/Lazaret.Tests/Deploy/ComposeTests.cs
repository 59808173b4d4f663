using System.Globalization;
using System.Text.RegularExpressions;
using Lazaret.Node;
using Lazaret.Node.Jobs;
using Lazaret.Tests.Servers;
using Microsoft.Extensions.Configuration;
using YamlDotNet.Core;
using YamlDotNet.Serialization;

namespace Lazaret.Tests.Deploy;

/// <summary>compose.yaml, the Dockerfile and the environment files, as far as they can be held without containers.</summary>
public sealed partial class ComposeTests
{
    private static readonly string Compose = Deployment.Read("compose.yaml");

    [Fact]
    public void Every_variable_is_in_the_example_and_every_one_there_is_used()
    {
        var named = Variable().Matches(Compose).Select(match => match.Groups["name"].Value).ToHashSet();
        // compose itself reads the project's name.
        var given = Deployment.Environment(".env.example").Keys.Where(key => !key.StartsWith("Lazaret__", StringComparison.Ordinal) && key != "COMPOSE_PROJECT_NAME");
        Assert.Equal(given.Order(), named.Order());
    }

    [Theory]
    [InlineData(".env.example")]
    [InlineData("systemd/lazaret.env.example")]
    public void Every_key_of_an_environment_file_is_one_that_the_node_takes(string file) => Hold(Deployment.Environment(file));

    [Theory]
    [InlineData("api")]
    [InlineData("api2")]
    [InlineData("worker")]
    public void A_node_of_the_compose_file_takes_its_environment_and_command(string service)
    {
        var node = Service(service);
        var environment = Map(node["environment"]).ToDictionary(pair => pair.Key, pair => Default().Replace((string)pair.Value, "${value}"), StringComparer.Ordinal);
        Hold(environment);
        Assert.Equal("bubblewrap", environment["Lazaret__Sandbox__Backend"]);
        Assert.Equal("Production", environment["DOTNET_ENVIRONMENT"]);
        var command = List(node["command"]);
        Assert.Equal(["serve", "--role"], command[..2]);
        Assert.True(Enum.TryParse<NodeRole>(command[2], ignoreCase: true, out _));
        // The folders that the node is told of are those that are mounted.
        foreach (var folder in (string[])[environment["Lazaret__State"], environment["Lazaret__Data__View"]])
            Assert.Contains(List(node["volumes"]), volume => volume.Split(':').Contains(folder));
    }

    [Fact]
    public void Every_container_is_closed_as_far_as_it_can_be()
    {
        foreach (var name in (string[])["api", "api2", "worker", "nginx", "postgres", "redis"])
        {
            var service = Service(name);
            Assert.Equal("true", service["read_only"]);
            Assert.Equal(["ALL"], List(service["cap_drop"]));
            Assert.Contains("no-new-privileges:true", List(service["security_opt"]));
            Assert.True(name is "worker" || List(service["security_opt"]).Count == 1, name);
            Assert.True(name is "nginx" || !service.ContainsKey("ports"), $"{name} publishes a port");
            Assert.False(service.ContainsKey("privileged") || service.ContainsKey("network_mode"));
            Assert.True(Map(Map(service["logging"])["options"]).ContainsKey("max-size"), $"nothing bounds what {name} logs");
        }

        Assert.Equal(["inside"], List(Service("postgres")["networks"]));
        Assert.Equal(["inside"], List(Service("redis")["networks"]));
        Assert.Equal("true", Map(Map(Document()["networks"])["inside"])["internal"]);
        Assert.Equal("true", Map(Map(Document()["networks"])["front"])["internal"]);
        Assert.DoesNotContain("front", List(Service("worker")["networks"]));
    }

    [Theory]
    [InlineData("api")]
    [InlineData("api2")]
    [InlineData("worker")]
    public void A_node_is_given_the_time_to_end_its_runs(string service) =>
        Assert.True(int.Parse(((string)Service(service)["stop_grace_period"]).TrimEnd('s'), CultureInfo.InvariantCulture) > new RunOptions().DrainSeconds + 30);

    [Fact]
    public void Every_path_exists()
    {
        var build = Map(Service("api")["build"]);
        var context = Path.GetFullPath((string)build["context"], Deployment.Folder);
        Assert.True(File.Exists(Path.Combine(context, "lazaret")), context);
        Assert.True(File.Exists(Path.Combine(context, (string)build["dockerfile"])));
        foreach (var name in Map(Document()["services"]).Keys)
        {
            foreach (var volume in Service(name).TryGetValue("volumes", out var volumes) ? List(volumes) : [])
            {
                var source = volume.Split(':')[0];
                if (source.StartsWith('.'))
                    Assert.True(source is "./tls" or "./clients" || File.Exists(Path.GetFullPath(source, Deployment.Folder)), $"there is no {source}");
                else if (!source.StartsWith('$'))
                    Assert.Contains(source, Map(Document()["volumes"]).Keys);
            }
        }

        Assert.Contains("\ndeploy/clients\n", Deployment.Read("Dockerfile.dockerignore"), StringComparison.Ordinal);
        Assert.Contains("\ndeploy/models\n", Deployment.Read("Dockerfile.dockerignore"), StringComparison.Ordinal);
        Assert.Contains("\ndeploy/tls\n", Deployment.Read("Dockerfile.dockerignore"), StringComparison.Ordinal);
        Assert.Contains("\ndeploy/.env\n", Deployment.Read("Dockerfile.dockerignore"), StringComparison.Ordinal);
    }

    [Fact]
    public void The_image_starts_the_node_as_an_ordinary_user()
    {
        var last = Deployment.Read("Dockerfile").Split("\nFROM ")[^1];
        Assert.Matches("(?m)^USER \\$APP_UID$", last);
        Assert.Contains("""ENTRYPOINT ["/opt/lazaret/lazaret"]""", last, StringComparison.Ordinal);
        Assert.Contains("/src/artifacts/lazaret /opt/lazaret", last, StringComparison.Ordinal);
        Assert.Contains("built=$here/artifacts/lazaret", File.ReadAllText(Repository.File("lazaret")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Docker_compose_takes_the_file()
    {
        const string Program = "/usr/bin/docker-compose";
        ServerProcess.Require(Program, "docker-compose");
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["nginx"]);
        foreach (var file in (string[])["nginx/nginx.conf", "nginx/refusals.conf", "nginx/upstream.containers.conf", "Dockerfile"])
            File.Copy(Path.Combine(Deployment.Folder, file), folder[file]);
        File.Copy(Path.Combine(Deployment.Folder, "compose.yaml"), folder["compose.yaml"]);
        await File.WriteAllTextAsync(folder[".env"], Deployment.Read(".env.example").Replace("PASSWORD=\n", "PASSWORD=x\n", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        await Tool.RunAsync(Program, "-f", folder["compose.yaml"], "config", "--quiet");
    }

    /// <summary>Every <c>Lazaret__…</c> key is known and its value in range; reading them says otherwise.</summary>
    private static void Hold(IReadOnlyDictionary<string, string> environment)
    {
        var settings = environment.Where(pair => pair.Key.StartsWith("Lazaret__", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(settings);
        LazaretConfiguration.Read(
            new ConfigurationBuilder().AddInMemoryCollection(settings.Select(pair => KeyValuePair.Create<string, string?>(pair.Key.Replace("__", ":", StringComparison.Ordinal), pair.Value))).Build());
        Assert.All(environment.Keys.Where(key => key.StartsWith("ConnectionStrings__", StringComparison.Ordinal)), key => Assert.Contains(key.Split("__")[1], (string[])["Lazaret", "Redis"]));
    }

    private static Dictionary<string, object> Document() => new DeserializerBuilder().Build()
        .Deserialize<Dictionary<string, object>>(new MergingParser(new Parser(new StringReader(Compose))));

    private static Dictionary<string, object> Service(string name) => Map(Map(Document()["services"])[name]);

    private static Dictionary<string, object> Map(object node) =>
        ((IDictionary<object, object>)node).ToDictionary(pair => (string)pair.Key, pair => pair.Value, StringComparer.Ordinal);

    private static List<string> List(object node) => [.. ((IEnumerable<object>)node).Cast<string>()];

    [GeneratedRegex(@"(?<!\$)\$\{(?<name>[A-Za-z_]+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Variable();

    [GeneratedRegex(@"\$\{[A-Za-z_]+:-(?<value>[^}]*)\}", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Default();
}
