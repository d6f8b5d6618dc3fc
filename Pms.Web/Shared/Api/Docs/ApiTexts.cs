namespace Pms.Web.Shared.Api.Docs;

/// <summary>Anchor of ApiTexts.resx: the words of the API's documentation.</summary>
public sealed class ApiTexts;
