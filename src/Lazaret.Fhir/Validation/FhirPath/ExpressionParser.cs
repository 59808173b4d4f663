using System.Globalization;
using System.Text;

namespace Lazaret.Fhir.Validation.FhirPath;

/// <summary>A recursive-descent parser, one method for each level of precedence. Its texts are the definitions' own.</summary>
internal sealed class ExpressionParser
{
    private readonly string _text;
    private int _at;
    private string _token = "";
    private TokenKind _kind;

    private ExpressionParser(string text)
    {
        _text = text;
        Next();
    }

    private enum TokenKind
    {
        End,
        Name,
        Text,
        Number,
        Variable,
        Symbol,
    }

    public static Expression Parse(string text)
    {
        var parser = new ExpressionParser(text);
        var expression = parser.Implies();
        return parser._kind == TokenKind.End ? expression : throw parser.Unexpected();
    }

    private Expression Implies()
    {
        var left = Or();
        while (Take("implies"))
            left = new Logic("implies", left, Or());
        return left;
    }

    private Expression Or()
    {
        var left = And();
        while (_token is "or" or "xor" && _kind == TokenKind.Name)
            left = new Logic(Advance(), left, And());
        return left;
    }

    private Expression And()
    {
        var left = Membership();
        while (Take("and"))
            left = new Logic("and", left, Membership());
        return left;
    }

    private Expression Membership()
    {
        var left = Equality();
        while (true)
        {
            if (Take("in"))
                left = new Membership(left, Equality());
            else if (Take("contains"))
                left = new Membership(Equality(), left);
            else
                return left;
        }
    }

    private Expression Equality()
    {
        var left = Inequality();
        while (_kind == TokenKind.Symbol && _token is "=" or "!=")
            left = new Comparison(Advance(), left, Inequality());
        return left;
    }

    private Expression Inequality()
    {
        var left = Union();
        while (_kind == TokenKind.Symbol && _token is "<" or ">" or "<=" or ">=")
            left = new Comparison(Advance(), left, Union());
        return left;
    }

    private Expression Union()
    {
        var left = TypeTest();
        while (Take("|"))
            left = new Union(left, TypeTest());
        return left;
    }

    private Expression TypeTest()
    {
        var left = Addition();
        while (_token is "is" or "as" && _kind == TokenKind.Name)
        {
            var isCast = Advance() == "as";
            left = new TypeTest(left, TypeName(), isCast);
        }

        return left;
    }

    private Expression Addition()
    {
        var left = Path();
        while (_kind == TokenKind.Symbol && _token is "+" or "&")
            left = new Addition(Advance(), left, Path());
        return left;
    }

    private Expression Path()
    {
        var left = Term();
        while (Take("."))
            left = new Chain(left, Invocation());
        return left;
    }

    private Expression Term()
    {
        if (Take("("))
        {
            var inner = Implies();
            Expect(")");
            return inner;
        }

        switch (_kind)
        {
            case TokenKind.Text:
                return new Literal(Advance());
            case TokenKind.Number:
                return new Literal(decimal.Parse(Advance(), CultureInfo.InvariantCulture));
            case TokenKind.Variable:
                return Advance() switch
                {
                    "%resource" => new Variable(isResource: true),
                    "%context" => new Variable(isResource: false),
                    "%ucum" => new Literal("http://unitsofmeasure.org"),
                    "$this" => new This(),
                    _ => throw Unexpected(),
                };
            case TokenKind.Name when _token is "true" or "false":
                return new Literal(Advance() == "true");
            default:
                return Invocation();
        }
    }

    private Expression Invocation()
    {
        if (_kind != TokenKind.Name)
            throw Unexpected();
        var name = Advance();
        if (!Take("("))
            return new Member(string.Intern(name));
        if (!Function.Exists(name))
            throw new NotSupportedException($"FHIRPath function {name}");
        var arguments = new List<Expression>();
        if (name is "is" or "as" or "ofType")
        {
            arguments.Add(new TypeSpecifier(TypeName()));
        }
        else if (!IsSymbol(")"))
        {
            do
                arguments.Add(Implies());
            while (Take(","));
        }

        Expect(")");
        return new Function(name, arguments);
    }

    private string TypeName()
    {
        var name = Advance();
        return Take(".") ? $"{name}.{Advance()}" : name;
    }

    private bool IsSymbol(string symbol) => _token == symbol && _kind is TokenKind.Symbol;

    private bool Take(string token)
    {
        if (_token != token || _kind is not (TokenKind.Symbol or TokenKind.Name))
            return false;
        Next();
        return true;
    }

    private void Expect(string symbol)
    {
        if (!Take(symbol))
            throw Unexpected();
    }

    private string Advance()
    {
        var token = _token;
        Next();
        return token;
    }

    private FormatException Unexpected() => new($"FHIRPath '{_text}': unexpected '{_token}' before position {_at}");

    private void Next()
    {
        while (_at < _text.Length && char.IsWhiteSpace(_text[_at]))
            _at++;
        if (_at == _text.Length)
        {
            (_kind, _token) = (TokenKind.End, "");
            return;
        }

        var first = _text[_at];
        if (first is '\'' or '`')
            Quoted(first);
        else if (char.IsAsciiDigit(first))
            Run(TokenKind.Number, char.IsAsciiDigit);
        else if (char.IsAsciiLetter(first) || first is '_')
            Run(TokenKind.Name, IsNamePart);
        else if (first is '%' or '$')
            Run(TokenKind.Variable, IsNamePart);
        else
            Symbol();
    }

    private void Run(TokenKind kind, Func<char, bool> isPart)
    {
        var start = _at++;
        while (_at < _text.Length && isPart(_text[_at]))
            _at++;
        (_kind, _token) = (kind, _text[start.._at]);
    }

    private void Symbol()
    {
        var length = _at + 1 < _text.Length && _text[_at + 1] == '=' && _text[_at] is '<' or '>' or '!' ? 2 : 1;
        (_kind, _token) = (TokenKind.Symbol, _text.Substring(_at, length));
        _at += length;
    }

    private void Quoted(char quote)
    {
        var text = new StringBuilder();
        for (_at++; _text[_at] != quote; _at++)
        {
            if (_text[_at] == '\\')
                _at++;
            text.Append(_text[_at]);
        }

        _at++;
        (_kind, _token) = (quote == '`' ? TokenKind.Name : TokenKind.Text, text.ToString());
    }

    private static bool IsNamePart(char character) => char.IsAsciiLetterOrDigit(character) || character is '_';
}
