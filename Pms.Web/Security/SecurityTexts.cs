namespace Pms.Web.Security;

/// <summary>The words of the connection's safety (SecurityTexts.resx).</summary>
public sealed class SecurityTexts;
