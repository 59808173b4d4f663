namespace Lazaret.Node.Identity.People.Sessions;

/// <summary>By what a person signed in was taken away while they did so.</summary>
internal sealed class SignInOverException() : Exception("what the person signed in with was taken away meanwhile");
