namespace Pms.Web.Capacity;

/// <summary>What the capacity pages need beside the core.</summary>
public static class CapacitySetup
{
    public static IServiceCollection AddCapacityPages(this IServiceCollection services) => services.AddSingleton<CapacityWords>();
}
