namespace Pms.Web.Notifications;

/// <summary>The words of the bell and of every kind of notification (NotificationTexts.resx).</summary>
public sealed class NotificationTexts;
