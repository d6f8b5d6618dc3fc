namespace Pms.Web.Identity;

/// <summary>The words of sign-in, account, users, roles and terminals (IdentityTexts.resx).</summary>
public sealed class IdentityTexts;
