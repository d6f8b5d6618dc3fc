using FluentValidation;

namespace Pms.Core.Products;

/// <summary>Limits of a product and of everything saved with it.</summary>
public sealed class ProductValidator : AbstractValidator<Product>
{
    public ProductValidator()
    {
        RuleFor(p => p.Code).Named(64);
        RuleFor(p => p.Name).Named(200);
        RuleFor(p => p.Unit).Named(16);
        RuleFor(p => p.Decimals).Within(0, 6);
        RuleFor(p => p.Specifications).Must(s => s.Count <= 100).Refuse("between", 0, 100).Must(s => s.Select(x => Text.Key(x.Name)).Distinct().Count() == s.Count).Refuse("twice");
        RuleForEach(p => p.Specifications).ChildRules(specification =>
        {
            specification.RuleFor(s => s.Name).Named(80);
            specification.RuleFor(s => s.Value).Must(v => Text.Clean(v).Length > 0).Refuse("required");
            specification.RuleFor(s => s.Value).AtMost(20_000);
            specification.RuleFor(s => s.Unit).AtMost(16);
        });
        RuleFor(p => p.Lifecycle).Known();
        RuleFor(p => p.Variants).Must(v => v.Count <= 500).Refuse("between", 0, 500)
            .Must(v => v.Where(x => x.Active).Select(x => (Text.Key(x.Size), Text.Key(x.Colour))).Distinct().Count() == v.Count(x => x.Active)).Refuse("twice");
        RuleForEach(p => p.Variants).ChildRules(variant =>
        {
            variant.RuleFor(v => v.Size).AtMost(32);
            variant.RuleFor(v => v.Colour).AtMost(64);
            variant.RuleFor(v => v.Size).Must((v, size) => Text.Clean(size).Length + Text.Clean(v.Colour).Length > 0).Refuse("required");
        });
        RuleFor(p => p.Steps).Must(s => s.Count <= 50).Refuse("between", 0, 50).Must(s => s.Count == 0 || s.Any(x => x.Required)).Refuse("no_required_step");
        RuleForEach(p => p.Steps).SetValidator(new StepValidator());
        RuleFor(p => p.Instructions).Must(i => i.Count <= 200).Refuse("between", 0, 200);
        RuleForEach(p => p.Instructions).ChildRules(instruction =>
        {
            instruction.RuleFor(i => i.Text).Must(t => Text.Clean(t).Length > 0).Refuse("required");
            instruction.RuleFor(i => i.Text).AtMost(10_000);
            instruction.RuleFor(i => i.Link).AtMost(500).Must(Web).Refuse("not_an_address");
        });
    }

    /// <summary>A path of ours or https; nothing that runs (javascript:) or shows foreign plain text.</summary>
    private static bool Web(string? link) => Text.Clean(link) is var l && (l.Length == 0 || l is ['/', not '/', ..] || Uri.TryCreate(l, UriKind.Absolute, out var uri) && uri.Scheme == Uri.UriSchemeHttps);

    private sealed class StepValidator : AbstractValidator<ProductStep>
    {
        public StepValidator()
        {
            RuleFor(s => s.StageId).GreaterThan(0).Refuse("required");
            RuleFor(s => s.SetupMinutes).Within(0m, 100_000m);
            RuleFor(s => s.RunMinutes).Within(0m, 100_000m);
            RuleFor(s => s.Crew).Within(1, 100);
            RuleFor(s => s.ScrapShare).Within(0m, 0.9m);
            RuleFor(s => s.Factor).Within(0.000001m, 100_000m);
        }
    }
}

/// <summary>Limits of a category's fields.</summary>
public sealed class CategoryValidator : AbstractValidator<Category>
{
    public CategoryValidator() => RuleFor(c => c.Name).Named(120);
}
