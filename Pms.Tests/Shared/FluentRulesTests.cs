using Bunit;
using FluentValidation;
using Microsoft.AspNetCore.Components.Forms;
using Microsoft.Extensions.DependencyInjection;
using Pms.Core;
using Pms.Web.Shared;

namespace Pms.Tests.Shared;

public sealed class FluentRulesTests : BunitContext
{
    private readonly Order _order = new();
    private readonly EditContext _form;

    public FluentRulesTests()
    {
        Services.AddLocalization().AddSingleton(TimeProvider.System).AddSingleton(new PlantClock(TimeProvider.System, TimeZoneInfo.Utc)).AddSingleton<RefusalWords>()
            .AddSingleton<IValidator<Order>, OrderRules>();
        _form = new EditContext(_order);
        Render<FluentRules>(p => p.AddCascadingValue(_form));
    }

    [Fact]
    public void A_submit_reaches_nested_and_indexed_fields()
    {
        Assert.False(_form.Validate());
        Assert.Equal(["This is needed."], _form.GetValidationMessages(new FieldIdentifier(_order, nameof(Order.Code))));
        Assert.Equal(["This is needed."], _form.GetValidationMessages(new FieldIdentifier(_order.Customer, nameof(Customer.Name))));
        Assert.Equal(["Enter more than 0."], _form.GetValidationMessages(new FieldIdentifier(_order.Lines[1], nameof(Line.Quantity))));
        Assert.Empty(_form.GetValidationMessages(new FieldIdentifier(_order.Lines[0], nameof(Line.Quantity))));
    }

    [Fact]
    public void A_changed_field_speaks_for_itself_only()
    {
        _form.NotifyFieldChanged(new FieldIdentifier(_order.Lines[1], nameof(Line.Quantity)));
        Assert.Single(_form.GetValidationMessages());
        _order.Lines[1].Quantity = 3;
        _form.NotifyFieldChanged(new FieldIdentifier(_order.Lines[1], nameof(Line.Quantity)));
        Assert.Empty(_form.GetValidationMessages());
    }

    [Fact]
    public void A_path_with_a_missing_part_ends_at_its_owner()
    {
        Assert.Equal(new FieldIdentifier(_order, "Lines"), FluentRules.Find(_order, "Lines"));
        Assert.Equal("[7]", FluentRules.Find(_order, "Lines[7].Quantity").FieldName);
        Assert.Equal(new FieldIdentifier(_order, "Nothing"), FluentRules.Find(_order, "Nothing.At.All"));
    }

    [Fact]
    public async Task MudForm_asks_the_same_rules_for_one_property()
    {
        var ask = FluentRules.For(new OrderRules(), Services.GetRequiredService<RefusalWords>());
        Assert.Equal(["This is needed."], await ask(_order, nameof(Order.Code)));
        _order.Code = "SO1";
        Assert.Empty(await ask(_order, nameof(Order.Code)));
    }

    private sealed class Order
    {
        public string Code { get; set; } = "";
        public Customer Customer { get; } = new();
        public List<Line> Lines { get; } = [new() { Quantity = 1 }, new()];
    }

    private sealed class Customer
    {
        public string Name { get; set; } = "";
    }

    private sealed class Line
    {
        public decimal Quantity { get; set; }
    }

    private sealed class OrderRules : AbstractValidator<Order>
    {
        public OrderRules()
        {
            RuleFor(o => o.Code).NotEmpty();
            RuleFor(o => o.Customer.Name).NotEmpty();
            RuleForEach(o => o.Lines).ChildRules(l => l.RuleFor(x => x.Quantity).GreaterThan(0));
        }
    }
}
