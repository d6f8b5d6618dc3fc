namespace Pms.Web.Files;

/// <summary>The words of file lists (FilesTexts.resx).</summary>
public sealed class FilesTexts;
