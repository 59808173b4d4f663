using Lazaret.Node.Releases;
using Lazaret.Tests.Http;
using Lazaret.Tests.Identity.People;

namespace Lazaret.Tests.WebConsole;

/// <summary>The form of a question, when somebody comes back to it or mends it.</summary>
public sealed class AskReturnTests
{
    [Fact]
    public async Task Whoever_comes_back_finds_the_form_as_they_left_it()
    {
        await using var node = await ServingNode.StartAsync();
        await using var browser = await OpenAsync(node);
        await browser.EvaluateAsync("document.getElementById('task').value = 'cross_validate_v1'; document.getElementById('task').dispatchEvent(new Event('change', { bubbles: true })); document.getElementById('outcome').value = 'YBOCS_change'");
        await LeaveAndReturnAsync(browser, node);
        Assert.Equal("cross_validate_v1 true false", await browser.TextAsync("`${document.getElementById('task').value} ${document.querySelector('fieldset:has(#map)').hidden} ${document.getElementById('map').required}`"));
        await browser.UntilAsync("document.querySelector('[data-price]').textContent.includes('YBOCS_change')");
    }

    [Fact]
    public async Task A_chosen_map_is_looked_at_again()
    {
        await using var node = await ServingNode.StartAsync();
        await using var browser = await OpenAsync(node);
        await browser.ChooseFileAsync("#map", TinySite.Map("main.nii.gz"));
        await browser.UntilAsync("document.querySelector('[data-part=grid]').textContent");
        await LeaveAndReturnAsync(browser, node);
        await browser.UntilAsync("document.getElementById('map').files.length === 0 || (document.querySelector('[data-part=grid]').textContent && document.querySelector('[data-map]').textContent.includes('main.nii.gz'))");
    }

    [Fact]
    public async Task What_was_wrong_with_a_part_is_said_no_more_once_it_is_changed()
    {
        await using var node = await ServingNode.StartAsync();
        await using var browser = await OpenAsync(node);
        // What is wrong here is wrong with the map and with who is asked about.
        await browser.ChooseFileAsync("#map", Path.Combine(TinySite.Folder, "subjects.csv"));
        await browser.EvaluateAsync("document.getElementById('filters').value = '{\"no_such\":\"x\"}'; document.querySelector('[data-checking]').click()");
        await browser.UntilAsync("document.querySelector('#map-f') && document.querySelector('#who-f')");
        await browser.ChooseFileAsync("#map", TinySite.Map("main.nii.gz"));
        await browser.UntilAsync("!document.querySelector('#map-f')");
        Assert.Equal("null false #who", await browser.TextAsync("`${document.getElementById('map').getAttribute('aria-invalid')} ${Boolean(document.querySelector('.drop.faulty'))} ${[...document.querySelectorAll('#refusal a')].map(link => link.getAttribute('href')).join()}`"));
        await browser.EvaluateAsync("document.getElementById('filters').value = ''; document.getElementById('filters').dispatchEvent(new Event('change', { bubbles: true }))");
        Assert.Equal("true false", await browser.TextAsync("`${document.getElementById('refusal').hidden} ${Boolean(document.querySelector('.fault, .faulty'))}`"));
    }

    [Fact]
    public async Task The_price_is_of_as_many_questions_as_the_file_has_volumes_and_a_file_name_is_written_as_curl_reads_it()
    {
        await using var node = await ServingNode.StartAsync(options => options with { Disclosure = new DisclosureOptions() });
        await using var browser = await OpenAsync(node);
        const string Cost = "document.querySelector('[data-cost]').textContent";
        Assert.Equal("This costs 1 question; 20 are left this week.", await browser.TextAsync(Cost));
        // One volume, written three times.
        await browser.EvaluateAsync("""
            (async () => {
              const head = new DataView(new ArrayBuffer(352 + 3 * 8 * 4));
              head.setInt32(0, 348, true);
              [4, 2, 2, 2, 3, 1, 1, 1].forEach((length, at) => head.setInt16(40 + 2 * at, length, true));
              head.setInt16(70, 16, true); head.setInt16(72, 32, true);
              [1, 8, 8, 8, 1, 1, 1, 1].forEach((size, at) => head.setFloat32(76 + 4 * at, size, true));
              head.setFloat32(108, 352, true); head.setInt16(254, 1, true);
              [8, 0, 0, 0, 0, 8, 0, 0, 0, 0, 8, 0].forEach((value, at) => head.setFloat32(280 + 4 * at, value, true));
              [0x6e, 0x2b, 0x31, 0].forEach((letter, at) => head.setUint8(344 + at, letter));
              for (let voxel = 0; voxel < 24; voxel++) head.setFloat32(352 + 4 * voxel, voxel + 1, true);
              const files = new DataTransfer();
              files.items.add(new File([head.buffer], 'my "best".nii'));
              const field = document.getElementById('map');
              field.files = files.files;
              field.dispatchEvent(new Event('change', { bubbles: true }));
            })()
            """);
        await browser.UntilAsync($"{Cost} === 'This costs 3 questions; 20 are left this week.'");
        Assert.Contains("""-F 'map_file=@"my \"best\".nii"'""", await browser.TextAsync("document.querySelector('[data-curl]').textContent"), StringComparison.Ordinal);
        await browser.EvaluateAsync("document.getElementById('task').value = 'cross_validate_v1'; document.getElementById('task').dispatchEvent(new Event('change', { bubbles: true }))");
        Assert.Equal("This costs 1 question; 20 are left this week.", await browser.TextAsync(Cost));
    }

    private static async Task<Chromium> OpenAsync(ServingNode node)
    {
        var browser = await Chromium.StartAsync();
        await browser.GoAsync($"{node.Client.BaseAddress}console/ask");
        await browser.UntilAsync("document.querySelector('form[data-question]')");
        return browser;
    }

    private static async Task LeaveAndReturnAsync(Chromium browser, ServingNode node)
    {
        // A page that listens for it is not kept as it is, but written anew and filled in.
        await browser.EvaluateAsync("window.same = true; addEventListener('unload', () => {}); 1");
        await browser.GoAsync($"{node.Client.BaseAddress}console/jobs");
        await browser.UntilAsync("location.pathname === '/console/jobs' && document.querySelector('footer')");
        await browser.EvaluateAsync("history.back(); 1");
        await browser.UntilAsync("location.pathname === '/console/ask' && document.querySelector('form[data-question]')");
        Assert.Equal("undefined", await browser.TextAsync("String(window.same)"));
    }
}
