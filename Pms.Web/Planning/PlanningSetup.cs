namespace Pms.Web.Planning;

/// <summary>What the planning pages need beside the core.</summary>
public static class PlanningSetup
{
    public static IServiceCollection AddPlanningPages(this IServiceCollection services) => services.AddSingleton<PlanningWords>().AddSingleton<ScheduleMarkup>();
}
