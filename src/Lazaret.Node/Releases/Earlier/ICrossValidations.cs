namespace Lazaret.Node.Releases.Earlier;

/// <summary>Reads answers of cross-validations. Two that divide the same people in different ways tell, by their difference, of the few who changed sides.</summary>
internal interface ICrossValidations
{
    /// <summary>Tells of an earlier answer about the same people and outcome whether it used another scheme; null when <paramref name="answer"/> is no cross-validation.</summary>
    Func<byte[], bool>? OtherThan(byte[] answer);
}
