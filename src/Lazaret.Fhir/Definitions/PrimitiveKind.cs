namespace Lazaret.Fhir.Definitions;

/// <summary>The 20 primitive types, spelled as FHIR spells them but for the first letter.</summary>
internal enum PrimitiveKind
{
    Base64Binary,
    Boolean,
    Canonical,
    Code,
    Date,
    DateTime,
    Decimal,
    Id,
    Instant,
    Integer,
    Markdown,
    Oid,
    PositiveInt,
    String,
    Time,
    UnsignedInt,
    Uri,
    Url,
    Uuid,
    Xhtml,
}
