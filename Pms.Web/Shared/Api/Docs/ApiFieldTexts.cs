namespace Pms.Web.Shared.Api.Docs;

/// <summary>Anchor of ApiFieldTexts.resx: what fields and parameters of the API mean, by their names, where the record itself doesn't say it.</summary>
public sealed class ApiFieldTexts;
