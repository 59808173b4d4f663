using System.Diagnostics.Metrics;
using Lazaret.Node.Audit;
using Lazaret.Node.Identity;
using Lazaret.Node.Telemetry;

namespace Lazaret.Node.Diagnoses.CdsHooks;

/// <summary>Keeps feedback: each card in the audit, and how many there were in the metrics.</summary>
public sealed class CdsFeedbackRecord
{
    private readonly AuditLog _audit;
    private readonly Counter<long> _cards;

    public CdsFeedbackRecord(AuditLog audit, IMeterFactory meters)
    {
        _audit = audit;
        _cards = meters.Create(TelemetryServices.Name).CreateCounter<long>("lazaret.cds_feedback", "{card}", "Cards that clinicians accepted or overrode, by outcome");
    }

    public async Task KeepAsync(string model, IReadOnlyList<CdsFeedback> feedback, Requester requester, CancellationToken cancellationToken)
    {
        await _audit.WriteAsync(AuditAction.CdsFeedbackTaken, requester.Name, new()
        {
            ["model"] = model,
            ["cards"] = feedback.Select(item => new { card = item.Card, outcome = item.Outcome, at = item.At, reason = item.Reason, comment = item.HasComment }).ToArray(),
        }, cancellationToken);
        foreach (var item in feedback)
            _cards.Add(1, new KeyValuePair<string, object?>("outcome", item.Outcome));
    }
}
