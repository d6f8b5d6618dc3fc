namespace Pms.Web.Floor;

/// <summary>What the managers' boards need beside the core.</summary>
public static class FloorSetup
{
    public static IServiceCollection AddFloorPages(this IServiceCollection services) => services.AddSingleton<FloorWords>().AddSingleton<TileMarkup>().AddSingleton<FigureWords>().AddSingleton<NeedLines>();
}
