namespace Pms.Web.Resources;

/// <summary>The words of the shell and its parts (Texts.resx). A feature brings its own pair beside it: class JobsTexts, file JobsTexts.resx.</summary>
public sealed class Texts;

/// <summary>The words of every refusal by its code (RefusalTexts.resx), in alphabetical order; {0}, {1} are the refusal's values, and [ since {2}] falls away when the value is missing.</summary>
public sealed class RefusalTexts;
