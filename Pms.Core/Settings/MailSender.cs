using System.Net.Sockets;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using Microsoft.Extensions.Logging;
using MimeKit;

namespace Pms.Core.Settings;

/// <summary>Sends mail by the server in the settings; the password leaves its box only for the moment of sending.</summary>
public sealed class MailSender(LiveSettings live, SecretBox box, ILogger<MailSender> log)
{
    /// <summary>A mail server that answers slower than this is not working.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    /// <exception cref="RuleException">mail.not_set, mail.password_lost, or mail.refused with the server's own words.</exception>
    public async Task SendAsync(string to, string subject, string text, CancellationToken ct = default)
    {
        var s = live.Now;
        if (s.SmtpHost.Length == 0 || s.MailFrom.Length == 0)
            throw new RuleException("mail.not_set");
        string? password = null;
        if (s.SmtpPassword.Length > 0 && (password = box.Open(s.SmtpPassword)) is null)
            throw new RuleException("mail.password_lost");

        using var message = new MimeMessage();
        message.From.Add(new MailboxAddress(s.PlantName, s.MailFrom));
        message.To.Add(MailboxAddress.Parse(to));
        message.Subject = subject;
        message.Body = new TextPart("plain") { Text = text };
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(Patience);
        try
        {
            using var client = new SmtpClient();
            await client.ConnectAsync(s.SmtpHost, s.SmtpPort, s.SmtpSecurity switch { "tls" => SecureSocketOptions.SslOnConnect, "none" => SecureSocketOptions.None, _ => SecureSocketOptions.StartTls }, limit.Token);
            if (s.SmtpUser.Length > 0)
                await client.AuthenticateAsync(s.SmtpUser, password ?? "", limit.Token);
            await client.SendAsync(message, limit.Token);
            await client.DisconnectAsync(true, limit.Token);
        }
        catch (Exception e) when (e is SocketException or IOException or SslHandshakeException or AuthenticationException or CommandException or ProtocolException or NotSupportedException or InvalidOperationException)
        {
            log.LogWarning(e, "The mail server {Host}:{Port} did not take a mail", s.SmtpHost, s.SmtpPort);
            throw new RuleException("mail.refused", e.Message.Split('\n')[0].Trim());
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw new RuleException("mail.refused", $"{s.SmtpHost}:{s.SmtpPort}, {Patience.TotalSeconds:0} s");
        }
    }
}
