using Pms.Core.Data;
using Pms.Tests.Support;

namespace Pms.Tests.Data;

/// <summary>What goes into a database comes out of it exactly, on both engines, whether bound by Dapper or joined into one text.</summary>
public abstract class DbValueTests(Engine engine)
{
    private enum Status { Ready, Running }

    [Theory]
    [InlineData("0")]
    [InlineData("0.000001")]
    [InlineData("-0.1")]
    [InlineData("1234567.891011")]
    [InlineData("9223372036854.775807")]
    [InlineData("-9223372036854.775808")]
    public async Task Amounts_are_exact(string text)
    {
        var amount = decimal.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
        await using var pms = await StartAsync();
        await pms.Db.InTransactionAsync(async tx =>
        {
            await tx.ExecuteAsync("INSERT INTO test_values (id, amount) VALUES (1, @amount)", new { amount });
            tx.Add("INSERT INTO test_values (id, amount) VALUES (2, @amount)", new { amount });
        });

        var rows = await pms.Db.ListAsync<Row>("SELECT amount FROM test_values WHERE amount = @amount ORDER BY id", new { amount });

        Assert.Equal([amount, amount], rows.Select(r => r.Amount));
    }

    [Theory]
    [InlineData("9223372036854.775808")]
    [InlineData("0.0000001")]
    public async Task An_amount_that_does_not_fit_is_refused_and_never_rounded(string text)
    {
        var amount = decimal.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
        await using var pms = await StartAsync();

        await Assert.ThrowsAsync<OverflowException>(() => pms.Db.InTransactionAsync(tx => tx.ExecuteAsync("INSERT INTO test_values (id, amount) VALUES (1, @amount)", new { amount })));
        await Assert.ThrowsAsync<OverflowException>(() => pms.Db.InTransactionAsync(tx =>
        {
            tx.Add("INSERT INTO test_values (id, amount) VALUES (1, @amount)", new { amount });
            return Task.CompletedTask;
        }));
        Assert.Equal(0, await pms.Db.ScalarAsync<int>("SELECT COUNT(*) FROM test_values"));
    }

    [Fact]
    public async Task A_sum_of_amounts_compares_with_an_amount()
    {
        await using var pms = await StartAsync();
        await pms.Db.InTransactionAsync(tx =>
        {
            for (var id = 1; id <= 10; id++)
                tx.Add("INSERT INTO test_values (id, amount) VALUES (@id, @amount)", new { id, amount = 0.1m });
            return Task.CompletedTask;
        });

        Assert.Equal(1, await pms.Db.ScalarAsync<int>("SELECT COUNT(*) FROM (SELECT SUM(amount) AS total FROM test_values) AS s WHERE total = @one", new { one = 1m }));
        Assert.Equal(0, await pms.Db.ScalarAsync<int>("SELECT COUNT(*) FROM (SELECT SUM(amount) AS total FROM test_values) AS s WHERE total > @one", new { one = 1m }));
        Assert.Equal(1m, (await pms.Db.FindAsync<Row>("SELECT SUM(amount) AS amount FROM test_values"))!.Amount);
    }

    [Fact]
    public async Task Instants_days_and_names_come_back_as_they_went()
    {
        var at = new DateTimeOffset(2026, 3, 29, 3, 30, 0, 123, TimeSpan.FromHours(2));
        var day = new DateOnly(2024, 2, 29);
        await using var pms = await StartAsync();
        const string insert = "INSERT INTO test_values (id, happened_at, happened_on, status) VALUES (@id, @at, @day, @status)";
        await pms.Db.InTransactionAsync(async tx =>
        {
            await tx.ExecuteAsync(insert, new { id = 1, at, day, status = Status.Running.ToString() });
            tx.Add(insert, new { id = 2, at, day, status = Status.Running });
            tx.Add(insert, new { id = 3, at = (DateTimeOffset?)null, day = (DateOnly?)null, status = (Status?)null });
        });

        var rows = await pms.Db.ListAsync<Row>("SELECT happened_at, happened_on, status FROM test_values ORDER BY id");

        Assert.All(rows.Take(2), r =>
        {
            Assert.Equal(at, r.HappenedAt);
            Assert.Equal(TimeSpan.Zero, r.HappenedAt!.Value.Offset);
            Assert.Equal(day, r.HappenedOn);
            Assert.Equal(Status.Running, r.Status);
        });
        Assert.Equal((null, null, null), (rows[2].HappenedAt, rows[2].HappenedOn, rows[2].Status));
    }

    [Fact]
    public async Task Text_is_kept_to_the_letter()
    {
        await using var pms = await StartAsync();
        string[] texts = ["Größe \"M\"", "łódź", "日本", "🧵", "a ", "a", "A", "'; DROP TABLE jobs; --", "@id"];
        await pms.Db.InTransactionAsync(tx =>
        {
            for (var id = 0; id < texts.Length; id++)
                tx.Add("INSERT INTO test_values (id, status) VALUES (@id, @text)", new { id, text = texts[id] });
            return Task.CompletedTask;
        });

        Assert.Equal(texts, await pms.Db.ListAsync<string>("SELECT status FROM test_values ORDER BY id"));
        Assert.Equal("A", await pms.Db.ScalarAsync<string>("SELECT status FROM test_values WHERE status = 'A'"));
    }

    private async Task<TestPms> StartAsync()
    {
        var pms = await TestPms.StartAsync(engine);
        await pms.Db.InTransactionAsync(tx => tx.ExecuteAsync(pms.Db.Dialect.Ddl(
            "CREATE TABLE test_values (id BIGINT NOT NULL PRIMARY KEY, amount BIGINT NULL, happened_at BIGINT NULL, happened_on {text(10)} NULL, status {text(100)} NULL)")));
        return pms;
    }

    private sealed record Row
    {
        public decimal Amount { get; init; }
        public DateTimeOffset? HappenedAt { get; init; }
        public DateOnly? HappenedOn { get; init; }
        public Status? Status { get; init; }
    }
}

public sealed class DbValueTests_on_SQLite() : DbValueTests(Engine.Sqlite);

public sealed class DbValueTests_on_MariaDB() : DbValueTests(Engine.MySql);
