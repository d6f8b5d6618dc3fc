using System.Globalization;
using Microsoft.AspNetCore.Localization;

namespace Pms.Web.Shared;

/// <summary>Words and numbers are chosen apart: words by the languages that have a resx, numbers and dates by the reader's own country.</summary>
public static class PmsCultures
{
    /// <summary>Languages with texts. A second one: add Texts.xx.resx (and its feature files) and its name here.</summary>
    public static readonly string[] Languages = ["en"];

    /// <summary>Countries whose way of writing numbers and dates is known; the first is the default.</summary>
    public static readonly string[] Formats =
    [
        "en-GB", "en-ZA", "en-US", "en-AU", "en-CA", "en-IE", "en-IN", "en-NZ", "en", "af-ZA", "zu-ZA", "xh-ZA", "de-DE", "de-AT", "de-CH", "de", "fr-FR", "fr-BE", "fr-CH", "fr",
        "nl-NL", "nl-BE", "nl", "es-ES", "es-MX", "es", "pt-PT", "pt-BR", "pt", "it-IT", "it", "pl-PL", "pl", "cs-CZ", "cs", "sv-SE", "sv", "da-DK", "da", "nb-NO", "fi-FI", "tr-TR", "tr",
    ];

    public static void Configure(RequestLocalizationOptions options)
    {
        options.DefaultRequestCulture = new RequestCulture(Formats[0], Languages[0]);
        options.SupportedCultures = [.. Formats.Select(CultureInfo.GetCultureInfo)];
        options.SupportedUICultures = [.. Languages.Select(CultureInfo.GetCultureInfo)];
        // The user's own choice (cookie) before the browser's; no culture in addresses, so that a link reads the same for everybody.
        options.RequestCultureProviders =
        [
            new CookieRequestCultureProvider { CookieName = "pms-culture" },
            // Then the plant's own way, where an administrator chose one: browsers often speak for the country they were installed from.
            new CustomRequestCultureProvider(http => Task.FromResult(http.RequestServices.GetRequiredService<Core.LiveSettings>().Now.Culture is { Length: > 0 } plant
                ? new ProviderCultureResult(plant, Languages[0]) : null)),
            new AcceptLanguageHeaderRequestCultureProvider(),
        ];
    }
}
