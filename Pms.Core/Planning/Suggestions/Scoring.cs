using Pms.Core.Orders;

namespace Pms.Core.Planning.Suggestions;

/// <summary>What a suggestion is judged by.</summary>
/// <param name="FitPercent">Its time in relation to the freed time.</param>
/// <param name="SlackDays">Working days between its forecast finish, or its work, and its due day; negative when late.</param>
/// <param name="SetupMinutes">What has to be set up for it here; 0 where the machine is set up already.</param>
public sealed record ScoreFacts(bool SameProduct, bool SameCategory, decimal FitPercent, int SlackDays, OrderPriority Priority, decimal SetupMinutes);

/// <summary>A score from 0 to 100 and its parts, which are its sum.</summary>
public sealed record Score(int Product, int Fit, int Urgency, int Priority, int Setup)
{
    public int Total => Product + Fit + Urgency + Priority + Setup;
}

/// <summary>
/// How well an order would replace another in a freed slot, pure. Product 25 (category 15) · quantity fit 25, whole from 70 to 130 % and falling to nothing at 0 and 260 % ·
/// urgency 25, whole without slack and nothing from ten working days on · priority 15 · set-up 10, whole without any and nothing from an hour on.
/// </summary>
public static class Scoring
{
    public const int MostProduct = 25, MostFit = 25, MostUrgency = 25, MostPriority = 15, MostSetup = 10;

    public static Score Of(ScoreFacts f) => new(
        f.SameProduct ? MostProduct : f.SameCategory ? 15 : 0,
        Part(MostFit, f.FitPercent < 70 ? f.FitPercent / 70 : f.FitPercent <= 130 ? 1 : (260 - f.FitPercent) / 130),
        Part(MostUrgency, (10 - f.SlackDays) / 10m),
        Part(MostPriority, (int)f.Priority / 3m),
        Part(MostSetup, 1 - f.SetupMinutes / 60));

    private static int Part(int most, decimal share) => (int)Math.Round(most * Math.Clamp(share, 0, 1), MidpointRounding.AwayFromZero);
}
