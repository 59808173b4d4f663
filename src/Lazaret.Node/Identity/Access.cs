namespace Lazaret.Node.Identity;

/// <summary>Who may call an endpoint.</summary>
/// <param name="Roles">Whoever has one of these.</param>
/// <param name="IsOpen">Everybody may, without saying who they are.</param>
/// <param name="FromLoopback">Callers on this machine may without saying who they are.</param>
public sealed record Access(Roles Roles, bool IsOpen = false, bool FromLoopback = false)
{
    public static readonly Access Open = new(Roles.All, IsOpen: true);

    public bool Admits(Roles role) => IsOpen || (Roles & role) != Roles.None;
}
