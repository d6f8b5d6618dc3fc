namespace Pms.Web.Planning.Exceptions;

/// <summary>The words of the exceptions page (ExceptionsTexts.resx).</summary>
public sealed class ExceptionsTexts;
