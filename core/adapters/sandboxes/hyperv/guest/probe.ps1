# Tries to get out of the guest and over the one that watches, and writes what it reached: nothing, where isolation holds.
param([Parameter(Mandatory)] [string] $Python)
Set-StrictMode -Version 2
$ErrorActionPreference = 'Stop'
$reached = New-Object Collections.Generic.List[string]

foreach ($card in [Net.NetworkInformation.NetworkInterface]::GetAllNetworkInterfaces()) {
    if ($card.NetworkInterfaceType -ne 'Loopback' -and $card.OperationalStatus -eq 'Up') { $reached.Add('a network'); break }
}
$me = New-Object Security.Principal.WindowsPrincipal ([Security.Principal.WindowsIdentity]::GetCurrent())
if ($me.IsInRole([Security.Principal.WindowsBuiltInRole]::Administrator)) { $reached.Add("administrators' rights") }
foreach ($place in $env:SystemRoot, $env:ProgramFiles, $PSScriptRoot) {
    try {
        [IO.File]::Create((Join-Path $place 'dexter-probe')).Dispose()
        $reached.Add("writing to $place")
    }
    catch [UnauthorizedAccessException] { continue }
}
try {
    $parent = (Get-CimInstance -ClassName Win32_Process -Filter "ProcessId = $PID").ParentProcessId
    $null = [Diagnostics.Process]::GetProcessById($parent).Handle
    $reached.Add('what watches over it')
}
catch { $null = $_ }

$version = ''
try { $version = "$(& $Python -V 2>&1)" }
catch { $null = $_ }
$found = @{ reached = $reached.ToArray(); python = $(if ($version -like 'Python 3*') { $version } else { '' }) }
[IO.File]::WriteAllText($env:DEXTER_RESULT, (ConvertTo-Json -InputObject $found -Compress))
