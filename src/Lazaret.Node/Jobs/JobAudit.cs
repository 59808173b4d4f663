using Lazaret.Node.Audit;

namespace Lazaret.Node.Jobs;

/// <summary>Audit entries about jobs.</summary>
internal static class JobAudit
{
    extension(AuditEntry)
    {
        /// <summary>An entry by the one who has just acted on the job.</summary>
        public static AuditEntry Of(AuditAction action, DateTimeOffset now, Job job, AuditDetail? detail = null)
        {
            var actor = action is AuditAction.JobAdmitted or AuditAction.JobCancelled ? job.Requester : AuditEntry.Node;
            detail ??= [];
            detail["kind"] = job.Kind;
            if (job.Project is not null)
                detail["project"] = job.Project;
            return AuditEntry.Of(action, now, actor, detail, job.Id);
        }
    }
}
