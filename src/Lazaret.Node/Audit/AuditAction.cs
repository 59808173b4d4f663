namespace Lazaret.Node.Audit;

/// <summary>What the audit records.</summary>
public enum AuditAction
{
    /// <summary>A request became a job.</summary>
    JobAdmitted,

    /// <summary>A request was turned away: its faults, by field, never by value.</summary>
    RequestRefused,

    /// <summary>A diagnosis lacked data, and the requester was told which.</summary>
    DataRequired,

    /// <summary>A dry run found that nothing is missing.</summary>
    DataSufficient,

    /// <summary>The requester withdrew the job.</summary>
    JobCancelled,

    RunStarted,

    /// <summary>The worker of a run fell silent, and its job was taken from it.</summary>
    RunLost,

    /// <summary>A run ended without an outcome of its program.</summary>
    RunFailed,

    /// <summary>A result passed disclosure control.</summary>
    ResultReleased,

    /// <summary>A result was withheld.</summary>
    ResultBlocked,

    /// <summary>A result waits for a steward.</summary>
    ResultHeld,

    /// <summary>A steward decided about a held result, or asked back.</summary>
    ResultReviewed,

    ModelAdded,

    ModelRemoved,

    /// <summary>Payloads of a job were deleted because their time was over.</summary>
    PayloadsExpired,

    /// <summary>Every record was sealed anew under a new primary key.</summary>
    KeysRotated,

    /// <summary>Keys that sealed nothing any more were taken out of the ring.</summary>
    KeysRetired,

    /// <summary>A backup is being written; the copy that it holds says so too. What became of it, the next entry about backups says.</summary>
    BackupBegun,

    /// <summary>A backup is complete and on the disk.</summary>
    BackupMade,

    /// <summary>A backup was not written, and there is no file.</summary>
    BackupFailed,

    /// <summary>A copy was put in the database's place; what the audit held after the copy is gone.</summary>
    BackupRestored,

    /// <summary>A receiver took the message that a job is over.</summary>
    WebhookDelivered,

    /// <summary>A delivery was given up.</summary>
    WebhookGivenUp,

    /// <summary>The operator wants a delivery made again.</summary>
    WebhookRedelivered,

    /// <summary>An endpoint answered 410.</summary>
    WebhookEndpointDisabled,

    /// <summary>The operator changed an endpoint.</summary>
    WebhookEndpointChanged,

    WebhookSecretRotated,

    AnalysisAdded,

    AnalysisRemoved,

    /// <summary>A CDS client said what clinicians made of cards.</summary>
    CdsFeedbackTaken,

    /// <summary>A node began to sign checkpoints of the audit's chain under this key.</summary>
    CheckpointKeyAdded,

    /// <summary>Somebody printed the audit.</summary>
    AuditRead,

    /// <summary>A requester proved who they are: the first time on a day by this mode.</summary>
    Authenticated,

    /// <summary>Somebody brought a proof that does not hold.</summary>
    AuthenticationRefused,

    /// <summary>A requester called what their role or project does not allow.</summary>
    AccessRefused,

    RequesterAdded,

    RequesterCredentialAdded,

    /// <summary>The keys of a client that signs tokens were replaced.</summary>
    RequesterCredentialReplaced,

    RequesterRevoked,

    /// <summary>A client of SMART Backend Services was given an access token.</summary>
    AccessTokenIssued,

    /// <summary>A node began to release under another disclosure policy than the last one that was written down.</summary>
    PolicyChanged,

    /// <summary>A project was added: what it allows.</summary>
    ProjectAdded,

    /// <summary>A project was ended before its time.</summary>
    ProjectClosed,

    ProjectMembersChanged,

    /// <summary>The operator gave a person an account, and a link to set it up.</summary>
    PersonAdded,

    /// <summary>The operator took away by what a person signs in, and gave them a link to set it up anew.</summary>
    PersonReset,

    /// <summary>A person set up by what they sign in, by their link.</summary>
    PersonLinkUsed,

    /// <summary>A person began a session.</summary>
    SignedIn,

    /// <summary>A person, or the operator for them, ended a session before its time.</summary>
    SignedOut,

    /// <summary>Somebody who may read everything read another's job: the first time on a day.</summary>
    JobRead,

    /// <summary>Somebody had the site's volumes read: to check them, or into the store.</summary>
    DataRead,

    /// <summary>A request was looked at as one that is sent, and no job was made of it.</summary>
    RequestChecked,
}
