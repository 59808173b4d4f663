using System.Data.Common;
using System.Net.Sockets;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;

namespace Lazaret.Node.Storage.Faults;

/// <summary>What a database or its driver says of a fault. EF Core wraps it in exceptions whose messages only say that there is another one inside.</summary>
internal static class DatabaseWords
{
    public static string Of(Exception fault)
    {
        while (IsWrapper(fault) && fault.InnerException is { } inner)
            fault = inner;
        // Npgsql says where it could not connect to, and the socket says why.
        return fault is NpgsqlException and not PostgresException && fault.InnerException is SocketException or IOException or TimeoutException
            && !fault.Message.Contains(fault.InnerException.Message, StringComparison.Ordinal)
            ? $"{fault.Message}: {fault.InnerException.Message}"
            : fault.Message;
    }

    private static bool IsWrapper(Exception fault) => fault is DbUpdateException or RetryLimitExceededException or AggregateException
        or InvalidOperationException { InnerException: DbException or SocketException or TimeoutException or DbUpdateException };
}
