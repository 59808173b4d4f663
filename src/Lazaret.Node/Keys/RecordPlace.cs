using System.Buffers.Binary;
using System.Text;

namespace Lazaret.Node.Keys;

/// <summary>Where a sealed record lies. It is bound into the seal: what was moved to another place does not open there.</summary>
/// <param name="Table">The table.</param>
/// <param name="Column">The column.</param>
/// <param name="Row">The row's key, as text that is the same on every database.</param>
public readonly record struct RecordPlace(string Table, string Column, string Row)
{
    /// <summary>Header and place as associated data; every part is preceded by its length, so that no two places read the same.</summary>
    internal byte[] Bind(ReadOnlySpan<byte> header)
    {
        var bound = new byte[(4 * sizeof(int)) + header.Length + Encoding.UTF8.GetByteCount(Table) + Encoding.UTF8.GetByteCount(Column) + Encoding.UTF8.GetByteCount(Row)];
        BinaryPrimitives.WriteInt32BigEndian(bound, header.Length);
        header.CopyTo(bound.AsSpan(sizeof(int)));
        var at = sizeof(int) + header.Length;
        foreach (var part in (ReadOnlySpan<string>)[Table, Column, Row])
        {
            var length = Encoding.UTF8.GetBytes(part, bound.AsSpan(at + sizeof(int)));
            BinaryPrimitives.WriteInt32BigEndian(bound.AsSpan(at), length);
            at += sizeof(int) + length;
        }

        return bound;
    }

    public override string ToString() => $"{Table}.{Column} {Row}";
}
