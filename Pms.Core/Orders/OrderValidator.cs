using FluentValidation;

namespace Pms.Core.Orders;

/// <summary>Limits of an order's head.</summary>
public sealed class OrderValidator : AbstractValidator<Order>
{
    public OrderValidator()
    {
        RuleFor(o => o.Number).Named(64);
        RuleFor(o => o.SalesOrderNumber).AtMost(64);
        RuleFor(o => o.CustomerId).GreaterThan(0).Refuse("required");
        RuleFor(o => o.Value).Within(0m, Rules.MaxQuantity);
        RuleFor(o => o.DueOn).Must(d => d.Year is >= 2000 and < 2200).Refuse("required");
        RuleFor(o => o.DueOn).Must((o, due) => o.StartsOn is null || o.StartsOn <= due).Refuse("before_start");
        RuleFor(o => o.Priority).Known();
        RuleFor(o => o.Notes).AtMost(20_000);
    }
}

/// <summary>Limits of an item; quantities per variant add up to its quantity.</summary>
public sealed class OrderItemValidator : AbstractValidator<OrderItem>
{
    public OrderItemValidator()
    {
        RuleFor(i => i.Line).Within(0, 9999);
        RuleFor(i => i.ProductId).GreaterThan(0).Refuse("required");
        RuleFor(i => i.Quantity).Quantity();
        RuleFor(i => i.UnitPrice).Within(0m, Rules.MaxQuantity);
        RuleFor(i => i.DueOn).Must(d => d is null or { Year: >= 2000 and < 2200 }).Refuse("not_valid");
        RuleFor(i => i.OverTolerance).Within(0m, 1m);
        RuleFor(i => i.UnderTolerance).Within(0m, 1m);
        RuleFor(i => i.Specifications).AtMost(20_000);
        RuleForEach(i => i.Variants).ChildRules(v => v.RuleFor(x => x.Quantity).Quantity());
        RuleFor(i => i.Variants).Must(v => v.Select(x => x.VariantId).Distinct().Count() == v.Count).Refuse("twice")
            .Must((i, v) => v.Count == 0 || v.Sum(x => x.Quantity) == i.Quantity).Refuse("variants_sum");
    }
}

/// <summary>A new order has a good head and between one and 500 good items.</summary>
public sealed class CreateOrderValidator : AbstractValidator<CreateOrder>
{
    public CreateOrderValidator()
    {
        RuleFor(c => c.Order).SetValidator(new OrderValidator());
        RuleFor(c => c.Items).Must(i => i.Count is >= 1 and <= 500).Refuse("between", 1, 500)
            .Must(i => i.Where(x => x.Line > 0).Select(x => x.Line).Distinct().Count() == i.Count(x => x.Line > 0)).Refuse("twice");
        RuleForEach(c => c.Items).SetValidator(new OrderItemValidator());
    }
}

/// <summary>A path has at least one required step.</summary>
public sealed class SetPathValidator : AbstractValidator<SetPath>
{
    public SetPathValidator()
    {
        RuleFor(p => p.Steps).Must(s => s.Count is >= 1 and <= 50).Refuse("between", 1, 50).Must(s => s.Any(x => x.Required)).Refuse("no_required_step")
            .Must(s => s.Where(x => x.Id != 0).Select(x => x.Id).Distinct().Count() == s.Count(x => x.Id != 0)).Refuse("twice");
        RuleForEach(p => p.Steps).ChildRules(step =>
        {
            step.RuleFor(s => s.StageId).GreaterThan(0).Refuse("required");
            step.RuleFor(s => s.SetupMinutes).Within(0m, 100_000m);
            step.RuleFor(s => s.RunMinutes).Within(0m, 100_000m);
            step.RuleFor(s => s.Crew).Within(1, 100);
            step.RuleFor(s => s.ScrapShare).Within(0m, 0.9m);
            step.RuleFor(s => s.Factor).Within(0.000001m, 100_000m);
            step.RuleFor(s => s.TransferQuantity).Within(0.000001m, Rules.MaxQuantity);
        });
    }
}

/// <summary>Limits of a customer's fields.</summary>
public sealed class CustomerValidator : AbstractValidator<Customer>
{
    public CustomerValidator() => RuleFor(c => c.Name).Named(200);
}
