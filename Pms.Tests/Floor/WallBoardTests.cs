using Pms.Core;
using Pms.Core.Floor.WallBoards;
using Pms.Tests.Support;

namespace Pms.Tests.Floor;

public abstract class WallBoardTests(Engine engine)
{
    [Fact]
    public async Task A_revoked_token_opens_nothing()
    {
        await using var pms = await TestPms.StartAsync(engine);
        var walls = pms.Get<WallBoardService>();
        var made = await walls.CreateAsync(TestPms.System, new CreateWallBoard(" Hall 2 ", null, false));

        Assert.Equal("Hall 2", (await walls.OpenAsync(made.Token))!.Name);
        await walls.RevokeAsync(TestPms.System, made.Id);

        Assert.Null(await walls.OpenAsync(made.Token));
        Assert.Empty(await walls.ListAsync(TestPms.System));
    }

    [Fact]
    public async Task The_database_keeps_only_the_hash()
    {
        await using var pms = await TestPms.StartAsync(engine);
        var made = await pms.Get<WallBoardService>().CreateAsync(TestPms.System, new CreateWallBoard("Hall 2", null, true));

        Assert.NotEqual(made.Token, await pms.Db.ScalarAsync<string>("SELECT token_hash FROM wall_boards"));
        Assert.Equal(0, await pms.Db.ScalarAsync<long>("SELECT COUNT(*) FROM audit WHERE INSTR(changes, @token) > 0", new { token = made.Token }));
    }

    [Fact]
    public void A_token_never_reaches_a_log()
    {
        Assert.Equal("HTTP GET /board/•••?x=1", Pms.Web.Floor.WallBoards.BoardTokenMask.Masked("HTTP GET /board/abcdef?x=1"));
        Assert.Equal("/board/•••", Pms.Web.Floor.WallBoards.BoardTokenMask.Masked("/board/abcdef"));
        Assert.Null(Pms.Web.Floor.WallBoards.BoardTokenMask.Masked("/manager/floor"));
    }

    [Fact]
    public async Task A_stranger_may_not_make_one()
    {
        await using var pms = await TestPms.StartAsync(engine);
        var stranger = new Actor { Name = "Stranger", UserId = 4711 };

        await Assert.ThrowsAsync<ForbiddenException>(() => pms.Get<WallBoardService>().CreateAsync(stranger, new CreateWallBoard("Hall 2", null, true)));
        await Assert.ThrowsAsync<ForbiddenException>(() => pms.Get<WallBoardService>().ListAsync(stranger));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("short")]
    [InlineData("a-token-of-plausible-length-that-nobody-made")]
    public async Task A_made_up_token_opens_nothing(string? token)
    {
        await using var pms = await TestPms.StartAsync(engine);

        Assert.Null(await pms.Get<WallBoardService>().OpenAsync(token));
    }
}

public sealed class WallBoardTests_on_SQLite() : WallBoardTests(Engine.Sqlite);

public sealed class WallBoardTests_on_MariaDB() : WallBoardTests(Engine.MySql);
