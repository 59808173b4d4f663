using Lazaret.Node.Http;

namespace Lazaret.Node.RateLimits;

/// <summary>
/// Requests that wait for something to happen. Each holds a place among the requests at work, so that they are few: at most a quarter of those, and eight of one
/// requester.
/// </summary>
internal sealed class StandingRequests(HttpOptions options)
{
    private const int MostOfOne = 8;

    private readonly Dictionary<string, int> _places = new(StringComparer.Ordinal);

    /// <summary>A place, which disposing gives back; null where there is none: then the request is answered at once.</summary>
    public IDisposable? TryEnter(string requester)
    {
        lock (_places)
        {
            var own = _places.GetValueOrDefault(requester);
            if (own >= MostOfOne || _places.Values.Sum() >= Math.Max(1, options.MaxRequests / 4))
                return null;
            _places[requester] = own + 1;
            return new Place(this, requester);
        }
    }

    private void Leave(string requester)
    {
        lock (_places)
        {
            if (--_places[requester] == 0)
                _places.Remove(requester);
        }
    }

    private sealed class Place(StandingRequests all, string requester) : IDisposable
    {
        public void Dispose() => all.Leave(requester);
    }
}
