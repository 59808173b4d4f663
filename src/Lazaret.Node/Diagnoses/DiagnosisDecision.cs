using Lazaret.Cohort.Faults;
using Lazaret.Fhir;
using Lazaret.Fhir.Negotiations;
using Lazaret.Node.Http;
using Lazaret.Node.Http.Bodies;
using Lazaret.Node.Jobs;
using Lazaret.Node.Jobs.Admissions;
using Lazaret.Node.Models;
using Lazaret.Node.Projects;

namespace Lazaret.Node.Diagnoses;

/// <summary>What was decided about a request for a diagnosis. The set is closed.</summary>
internal abstract record DiagnosisDecision
{
    /// <summary>What is wrong with the bundle that does not matter to what was read; empty where the bundle was not read, or not again.</summary>
    public IReadOnlyList<FhirIssue> Warnings { get; init; } = [];

    public sealed record Accepted(Job Job) : DiagnosisDecision
    {
        /// <summary>What the answer will rest on; null when a request is repeated and that has expired.</summary>
        public NegotiationBasis? Basis { get; init; }
    }

    /// <summary>A dry run found all that this model needs.</summary>
    public sealed record Sufficient(Model Model, Negotiation.Satisfied Negotiation, NegotiationBasis Basis) : DiagnosisDecision;

    /// <summary>No version's needs are met; this is the one that lacks least, and what it lacks.</summary>
    /// <param name="Versions">Each of them, the most accurate first.</param>
    public sealed record DataRequired(Model Model, Negotiation Negotiation, IReadOnlyList<UnmetVersion> Versions) : DiagnosisDecision
    {
        public NegotiationBasis Basis => NegotiationBasis.Of(new(Model.Manifest.Key, Model.Manifest.Version.ToString()), Negotiation) with { Warnings = BundleWarning.Of(Warnings) };
    }

    /// <summary>The bundle is valid, and must not be used, whatever is added to it.</summary>
    public sealed record Unusable(Model Model, Refusal Refusal) : DiagnosisDecision;

    public sealed record UnknownTarget(IReadOnlyList<string> Known) : DiagnosisDecision;

    /// <summary>Not in this project, or not without one.</summary>
    public sealed record Forbidden(ProjectRefusal Refusal) : DiagnosisDecision;

    /// <summary>The project has had its jobs of the week.</summary>
    public sealed record QuotaSpent(Admission.QuotaSpent Spent) : DiagnosisDecision;

    /// <summary>Too many jobs wait already.</summary>
    public sealed record QueueFull : DiagnosisDecision;

    /// <summary>The keys that seal what is stored are away.</summary>
    public sealed record NoKeys : DiagnosisDecision;

    /// <summary>No version of the model has its image on this machine, as it was registered.</summary>
    public sealed record NoImage(string Model) : DiagnosisDecision
    {
        public string Words => $"The model {Model} is registered, and cannot be run now: its image is not on this node, or was changed. Its operator finds the cause by 'lazaret models verify'.";
    }

    /// <summary>The bundle's turn to be judged did not come, or took too long by the clock.</summary>
    public sealed record Busy : DiagnosisDecision;

    /// <summary>The body was not read, or not to its end.</summary>
    public sealed record BadBody(BodyRefusal Refusal) : DiagnosisDecision;

    /// <summary>A call of CDS Hooks that is none, or lacks what it must bring.</summary>
    public sealed record BadCall(int Status, IReadOnlyList<FhirIssue> Issues) : DiagnosisDecision;

    public sealed record InvalidBundle(IReadOnlyList<FhirIssue> Issues) : DiagnosisDecision;

    public sealed record Refused(FaultList<RequestFault> Faults) : DiagnosisDecision;
}
