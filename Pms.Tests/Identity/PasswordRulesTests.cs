using Pms.Core.Identity.Users;

namespace Pms.Tests.Identity;

/// <summary>Long is asked for, composition is not, and what everybody tries first is refused in all its disguises.</summary>
public sealed class PasswordRulesTests
{
    [Theory]
    [InlineData("nine quiet looms")]
    [InlineData("aubergine-trellis")]
    [InlineData("wqpfkzrmtxvb")]
    [InlineData("ünïcödé größer Berg")]
    [InlineData("48201 vans left Pretoria")]
    public void A_long_unusual_one_is_taken(string password) => Assert.Null(PasswordRules.Check(password, "nomsa", "Nomsa Dube"));

    [Theory]
    [InlineData("short one", "password.too_short")]
    [InlineData("", "password.too_short")]
    [InlineData("Password1234", "password.common")]
    [InlineData("P@ssw0rd2026!", "password.common")]
    [InlineData("passwordpassword", "password.common")]
    [InlineData("qwertyuiop12", "password.common")]
    [InlineData("1qaz2wsx3edc", "password.common")]
    [InlineData("123456789012", "password.common")]
    [InlineData("aaaaaaaaaaaa", "password.common")]
    [InlineData("abcabcabcabc", "password.common")]
    [InlineData("Welcome-2026-!", "password.common")]
    [InlineData("adminadmin123", "password.common")]
    [InlineData("Summer2026Summer", "password.common")]
    [InlineData("letmein letmein", "password.common")]
    [InlineData("correcthorsebatterystaple", "password.common")]
    [InlineData("my nomsa loom 77", "password.contains_name")]
    public void A_usual_one_is_refused(string password, string code) => Assert.Equal(code, PasswordRules.Check(password, "nomsa", "Dube")?.Code);

    [Theory]
    [InlineData("482913", null)]
    [InlineData("0099118", null)]
    [InlineData("12345", "pin.not_digits")]
    [InlineData("12345a", "pin.not_digits")]
    [InlineData("123456", "pin.simple")]
    [InlineData("987654", "pin.simple")]
    [InlineData("111111", "pin.simple")]
    [InlineData("121212", "pin.simple")]
    [InlineData("123123", "pin.simple")]
    [InlineData("001041", "pin.is_number")]
    [InlineData("104177", "pin.is_number")]
    public void A_pin_is_neither_simple_nor_the_number(string pin, string? code) => Assert.Equal(code, PasswordRules.CheckPin(pin, "E-01041")?.Code);
}
