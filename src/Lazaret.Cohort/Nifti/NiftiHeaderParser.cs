using System.Buffers.Binary;
using System.Globalization;

namespace Lazaret.Cohort.Nifti;

/// <summary>
/// Reads and checks a header, following nifti1.h and nifti2.h (https://nifti.nimh.nih.gov): a field that is wrong is refused, never repaired.
/// </summary>
internal ref struct NiftiHeaderParser
{
    public const int Version1Bytes = 348;
    public const int Version2Bytes = 540;

    private readonly ReadOnlySpan<byte> _bytes;
    private readonly NiftiLimits _limits;
    private readonly bool _two;
    private readonly bool _swapped;

    private NiftiHeaderParser(ReadOnlySpan<byte> bytes, bool swapped, NiftiLimits limits)
    {
        _bytes = bytes;
        _limits = limits;
        _two = bytes.Length == Version2Bytes;
        _swapped = swapped;
    }

    /// <summary>How long the header is, by its first four bytes, and whether its byte order is foreign.</summary>
    public static (int Bytes, bool Swapped) Recognize(ReadOnlySpan<byte> start)
    {
        if (start.Length < 4)
            throw new NiftiException("sizeof_hdr", $"the file ends after {start.Length} bytes, expected {Version1Bytes} or {Version2Bytes}");
        var size = BinaryPrimitives.ReadInt32LittleEndian(start);
        var reversed = BinaryPrimitives.ReverseEndianness(size);
        return (size, reversed) switch
        {
            (Version1Bytes or Version2Bytes, _) => (size, !BitConverter.IsLittleEndian),
            (_, Version1Bytes or Version2Bytes) => (reversed, BitConverter.IsLittleEndian),
            _ => throw new NiftiException("sizeof_hdr", $"{size}, expected {Version1Bytes} (NIfTI-1) or {Version2Bytes} (NIfTI-2)"),
        };
    }

    public static NiftiHeader Parse(ReadOnlySpan<byte> bytes, bool swapped, NiftiLimits limits) =>
        new NiftiHeaderParser(bytes, swapped, limits).Parse();

    private readonly NiftiHeader Parse()
    {
        var pair = IsPair();
        var intent = Code(68, 504);
        // CIFTI-2 keeps its intents here; its first four dimensions are 1.
        if (_two && intent is >= 3000 and < 3100)
            throw new NiftiException("intent_code", $"{intent}: CIFTI-2, greyordinates, no volume");
        var dims = Dims();
        // Of nifti1.h: matrices, displacements, vectors, points, triangles; of FSL: warps by FNIRT and TOPUP. Volumes that follow each other are no maps then.
        if (dims.Count > 3 && intent is (>= 1004 and <= 1009) or (>= 2006 and <= 2009) or 2016 or 2017)
            throw new NiftiException("intent_code", $"{intent}: a field of vectors or matrices, as warps and tensors are, no map");
        var type = Type();
        var (slope, intercept) = Scaling();
        var affine = Affine();
        return new NiftiHeader
        {
            Version = _two ? 2 : 1,
            Dims = dims,
            Type = type,
            Slope = slope,
            Intercept = intercept,
            Affine = affine,
            SformCode = Code(254, 348),
            QformCode = Code(252, 344),
            Unit = Unit(),
            Disagreement = Disagreement(dims, affine),
            DataOffset = DataOffset(pair),
            IsPair = pair,
            IsSwapped = _swapped,
        };
    }

    private readonly bool IsPair()
    {
        var magic = _two ? _bytes.Slice(4, 8) : _bytes.Slice(344, 4);
        ReadOnlySpan<byte> tail = _two ? "2\0\r\n\x1a\n"u8 : "1\0"u8;
        if (magic[2..].SequenceEqual(tail))
        {
            if (magic.StartsWith("n+"u8))
                return false;
            if (magic.StartsWith("ni"u8))
                return true;
        }

        // The older format has the same size and no magic; its orientation is anybody's guess.
        if (!_two && magic.IndexOfAnyExcept((byte)0) < 0)
            throw new NiftiException("magic", "empty, as in ANALYZE 7.5, which does not say where its voxels lie: convert it to NIfTI");
        throw new NiftiException("magic", $"0x{Convert.ToHexStringLower(magic)}, expected n+{tail[0] - '0'} or ni{tail[0] - '0'} with its fixed ending");
    }

    private readonly List<int> Dims()
    {
        var count = Dim(0);
        if (count is < 1 or > 7)
            throw new NiftiException("dim[0]", $"{count}, expected 1 to 7");
        var dims = new List<int>();
        var voxels = 1L;
        for (var axis = 1; axis <= count; axis++)
        {
            var dim = Dim(axis);
            if (dim < 1)
                throw new NiftiException($"dim[{axis}]", $"{dim}, expected at least 1");
            if (dim > _limits.Voxels / voxels)
                throw new NiftiException("dim", $"more than {_limits.Voxels} voxels up to dim[{axis}], the limit of this site");
            voxels *= dim;
            dims.Add((int)dim);
        }

        while (dims is [_, _, _, .., 1] && dims.Count > 3)
            dims.RemoveAt(dims.Count - 1);
        return dims;
    }

    private readonly NiftiType Type()
    {
        int code = Int16(_two ? 12 : 70);
        var type = NiftiTypes.FromCode(code)
            ?? throw new NiftiException("datatype", $"{code} ({NiftiTypes.Describe(code)}), expected a real type of at most 64 bits");
        int bits = Int16(_two ? 14 : 72);
        if (bits != type.Bytes() * 8)
            throw new NiftiException("bitpix", $"{bits}, expected {type.Bytes() * 8} for datatype {code}");
        return type;
    }

    private readonly (double Slope, double Intercept) Scaling()
    {
        var slope = Real(112, 176);
        if (slope == 0 || !double.IsFinite(slope))
            return (1, 0);
        var intercept = Real(116, 184);
        return double.IsFinite(intercept)
            ? (slope, intercept)
            : throw new NiftiException("scl_inter", $"{Text(intercept)} with a slope of {Text(slope)}, expected a finite number");
    }

    private readonly long DataOffset(bool pair)
    {
        var exact = _two ? Int64(168) : Real(108, 0);
        var header = _bytes.Length + 4;
        if (!double.IsInteger(exact) || exact < 0)
            throw new NiftiException("vox_offset", $"{Text(exact)}, expected a whole number of bytes");
        if (exact > _limits.HeaderBytes)
            throw new NiftiException("vox_offset", $"{Text(exact)}, more than the {_limits.HeaderBytes} bytes this site allows");
        if (pair)
            return (long)exact;
        if (exact == 0)
            return header;
        return exact >= header ? (long)exact : throw new NiftiException("vox_offset", $"{Text(exact)}, inside the header, expected at least {header}");
    }

    private readonly Affine Affine()
    {
        var (field, affine) = Code(254, 348) > 0 ? ("srow", FromRows())
            : Code(252, 344) > 0 ? ("quatern", FromQuaternion())
            : throw new NiftiException("sform_code", "0 like qform_code: the file does not say where its voxels lie");
        if (!affine.IsFinite)
            throw new NiftiException(field, $"not finite: {affine}");
        if (affine.IsSingular)
            throw new NiftiException(field, $"singular: {affine}");
        return Unit() switch
        {
            SpaceUnit.Metre => affine.Scaled(1000),
            SpaceUnit.Micron => affine.Scaled(0.001),
            _ => affine,
        };
    }

    /// <summary>The lower three bits of xyzt_units; a code that there is not says nothing.</summary>
    private readonly SpaceUnit Unit() => ((_two ? (int)Integer(500, 4) : _bytes[123]) & 7) switch
    {
        var code and (1 or 2 or 3) => (SpaceUnit)code,
        _ => SpaceUnit.Unknown,
    };

    private readonly double Disagreement(List<int> dims, Affine used)
    {
        if (Code(254, 348) <= 0 || Code(252, 344) <= 0)
            return 0;
        Affine other;
        try
        {
            other = FromQuaternion();
        }
        catch (NiftiException)
        {
            // It is not used, so that it need not be sound.
            return 0;
        }

        other = other.Scaled(Unit() switch { SpaceUnit.Metre => 1000, SpaceUnit.Micron => 0.001, _ => 1 });
        return other.IsFinite ? new Grid(dims[0], dims.Count > 1 ? dims[1] : 1, dims.Count > 2 ? dims[2] : 1, used).Apart(other) : 0;
    }

    private readonly Affine FromRows()
    {
        Span<double> rows = stackalloc double[12];
        for (var i = 0; i < 12; i++)
            rows[i] = Real(280 + 4 * i, 400 + 8 * i);
        return new Affine(rows);
    }

    /// <summary>nifti1.h, "METHOD 2": the quaternion's first part is what the other three leave to 1.</summary>
    private readonly Affine FromQuaternion()
    {
        Span<double> sizes = stackalloc double[3];
        for (var axis = 0; axis < 3; axis++)
        {
            sizes[axis] = Real(80 + 4 * axis, 112 + 8 * axis);
            if (!(double.IsFinite(sizes[axis]) && sizes[axis] > 0))
                throw new NiftiException($"pixdim[{axis + 1}]", $"{Text(sizes[axis])}, expected a positive size, since the qform needs it");
        }

        var (b, c, d) = (Real(256, 352), Real(260, 360), Real(264, 368));
        var rest = 1 - (b * b + c * c + d * d);
        // Three float32 roundings may carry a half-turn, whose first part is 0, just beyond 1.
        if (!(rest >= -4e-7))
            throw new NiftiException("quatern", $"({Text(b)}, {Text(c)}, {Text(d)}) is longer than 1");
        var a = Math.Sqrt(Math.Max(0, rest));
        var qfac = Real(76, 104);
        if (double.IsNaN(qfac))
            throw new NiftiException("pixdim[0]", "NaN, expected 1 or -1, since the qform needs it");
        var (x, y, z) = (sizes[0], sizes[1], qfac < 0 ? -sizes[2] : sizes[2]);
        return new Affine(
            (a * a + b * b - c * c - d * d) * x, 2 * (b * c - a * d) * y, 2 * (b * d + a * c) * z, Real(268, 376),
            2 * (b * c + a * d) * x, (a * a + c * c - b * b - d * d) * y, 2 * (c * d - a * b) * z, Real(272, 384),
            2 * (b * d - a * c) * x, 2 * (c * d + a * b) * y, (a * a + d * d - b * b - c * c) * z, Real(276, 392));
    }

    private readonly long Dim(int axis) => _two ? Int64(16 + 8 * axis) : Int16(40 + 2 * axis);

    private readonly int Code(int one, int two) => _two ? (int)Integer(two, 4) : Int16(one);

    private readonly double Real(int one, int two) =>
        _two ? BitConverter.Int64BitsToDouble(Int64(two)) : BitConverter.Int32BitsToSingle((int)Integer(one, 4));

    private readonly short Int16(int at) => (short)Integer(at, 2);

    private readonly long Int64(int at) => Integer(at, 8);

    private readonly long Integer(int at, int size)
    {
        var little = _swapped != BitConverter.IsLittleEndian;
        var field = _bytes.Slice(at, size);
        return size switch
        {
            2 => little ? BinaryPrimitives.ReadInt16LittleEndian(field) : BinaryPrimitives.ReadInt16BigEndian(field),
            4 => little ? BinaryPrimitives.ReadInt32LittleEndian(field) : BinaryPrimitives.ReadInt32BigEndian(field),
            _ => little ? BinaryPrimitives.ReadInt64LittleEndian(field) : BinaryPrimitives.ReadInt64BigEndian(field),
        };
    }

    private static string Text(double value) => value.ToString(CultureInfo.InvariantCulture);
}
