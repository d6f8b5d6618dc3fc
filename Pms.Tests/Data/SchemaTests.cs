using Pms.Tests.Support;

namespace Pms.Tests.Data;

/// <summary>One schema in two engines: same tables, columns, keys and indexes.</summary>
public sealed class SchemaTests
{
    [Fact]
    public async Task Both_engines_have_the_same_tables_columns_and_indexes()
    {
        await using var sqlite = await TestDatabase.CreateAsync(Engine.Sqlite);
        await using var mysql = await TestDatabase.CreateAsync(Engine.MySql);
        var (here, there) = (await Schema.ReadAsync(sqlite), await Schema.ReadAsync(mysql));

        Assert.NotEmpty(here);
        var differences = here.Except(there).Select(x => "SQLite only: " + x).Concat(there.Except(here).Select(x => "MariaDB only: " + x)).ToList();
        Assert.True(differences.Count == 0, string.Join('\n', differences));
    }

    [Fact]
    public async Task A_copy_of_the_template_is_what_the_migrations_make()
    {
        await using var copy = await TestDatabase.CreateAsync(Engine.MySql);
        await using var fresh = await TestDatabase.CreateEmptyAsync(Engine.MySql);
        await using var node = TestPms.Services(fresh.Settings, TimeProvider.System, null, null);
        await ((Pms.Core.Data.Migrator)node.GetService(typeof(Pms.Core.Data.Migrator))!).MigrateAsync();

        Assert.Equal(await Schema.ReadAsync(fresh), await Schema.ReadAsync(copy));
    }
}
