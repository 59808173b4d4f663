using Lazaret.Cohort.Files;
using Spectre.Console.Rendering;

namespace Lazaret.Node.Cli.Printing;

/// <summary>Makes control characters visible in the texts of tables and other layouts. The layout's own escape sequences stay.</summary>
internal sealed class PlainTables : IRenderHook
{
    public IEnumerable<IRenderable> Process(RenderOptions options, IEnumerable<IRenderable> renderables) => renderables.Select(renderable => new Plain(renderable));

    private sealed class Plain(IRenderable inner) : IRenderable
    {
        public Measurement Measure(RenderOptions options, int maxWidth) => inner.Measure(options, maxWidth);

        public IEnumerable<Segment> Render(RenderOptions options, int maxWidth) => inner.Render(options, maxWidth).Select(Shown);

        private static Segment Shown(Segment segment) => segment.IsControlCode || segment.IsLineBreak ? segment : new Segment(PlainText.Line(segment.Text), segment.Style);
    }
}
