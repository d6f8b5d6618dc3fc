using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using QRCoder;

namespace Pms.Web.Configuration;

/// <summary>What the console says at start: faults with their remedies, settings with their sources, the address to open.</summary>
public static class StartReport
{
    public static void Faults(TextWriter to, IReadOnlyList<ConfigurationFault> faults)
    {
        var stops = faults.Where(f => f.Stops).ToList();
        var warnings = faults.Where(f => !f.Stops).ToList();
        if (stops.Count > 0)
        {
            to.WriteLine($"PMS can't start with these settings ({stops.Count} {(stops.Count == 1 ? "fault" : "faults")}):");
            foreach (var fault in stops)
                to.WriteLine($"  ✗ {fault.Setting}: {fault.What}\n      → {fault.Remedy}");
        }
        foreach (var warning in warnings)
            to.WriteLine($"  ! {warning.Setting}: {warning.What}\n      → {warning.Remedy}");
    }

    public static void Settings(TextWriter to, ConfigurationResult result, string environment)
    {
        to.WriteLine($"Settings in force (environment {environment}):");
        var width = result.Settings.Max(s => s.Name.Length);
        foreach (var s in result.Settings)
            to.WriteLine($"  {s.Name.PadRight(width)}  {s.Shown}  [{s.Source}]");
        if (result.Configuration is { } ok)
            to.WriteLine($"  {"Database".PadRight(width)}  {ok.DatabaseName}");
    }

    /// <summary>Where to open PMS; on all addresses also as one that phones reach, with its QR code.</summary>
    public static void Addresses(TextWriter to, IEnumerable<string> bound, PmsConfiguration configuration)
    {
        to.WriteLine();
        to.WriteLine(configuration.Mode.IsDemo ? "  PMS demo plant is ready:" : "  PMS is ready:");
        foreach (var address in bound.Select(a => new Uri(a.Replace("://+", "://0.0.0.0", StringComparison.Ordinal).Replace("://*", "://0.0.0.0", StringComparison.Ordinal))))
        {
            var everywhere = address.Host is "0.0.0.0" or "[::]";
            to.WriteLine($"    {address.Scheme}://{(everywhere ? "127.0.0.1" : address.Host)}:{address.Port}/");
            if (!everywhere || LanAddress() is not { } lan)
                continue;
            var url = $"{address.Scheme}://{lan}:{address.Port}/";
            to.WriteLine($"    {url}   (from other devices in this network)");
            if (configuration.Mode.Lan)
            {
                using var code = QRCodeGenerator.GenerateQrCode(url, QRCodeGenerator.ECCLevel.L);
                using var drawn = new AsciiQRCode(code);
                to.WriteLine();
                to.WriteLine(drawn.GetGraphicSmall());
            }
        }
        to.WriteLine();
        to.Flush();
    }

    /// <summary>The address of this machine in its own network: of an interface that is up and has a gateway, else of any.</summary>
    public static IPAddress? LanAddress()
    {
        var up = NetworkInterface.GetAllNetworkInterfaces()
            .Where(n => n.OperationalStatus == OperationalStatus.Up && n.NetworkInterfaceType != NetworkInterfaceType.Loopback)
            .Select(n => n.GetIPProperties())
            .OrderByDescending(p => p.GatewayAddresses.Count > 0);
        return up.SelectMany(p => p.UnicastAddresses).Select(a => a.Address)
            .FirstOrDefault(a => a.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(a) && !a.ToString().StartsWith("169.254.", StringComparison.Ordinal));
    }
}
