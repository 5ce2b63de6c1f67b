# Runs the tests of a skill under Pester 5 and writes what NUnit would to standard output, once for each trial.
# Tests call the skill by Invoke-Skill, which runs it in a process of its own: nothing of it is loaded here.
Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

$order = [Console]::In.ReadToEnd() | ConvertFrom-Json
$program = Split-Path -Parent (Split-Path -Parent $PSCommandPath)
$env:SKILL = Join-Path $program 'skill'
$global:DexterEntry = Join-Path $env:SKILL $order.entry
if (@($order.broken).Count -gt 0) {
    $global:DexterEntry = Join-Path ([IO.Path]::GetTempPath()) 'broken.ps1'
    Set-Content -Path $global:DexterEntry -Value $order.broken[0]
}

$pester = Get-Module -ListAvailable -Name Pester | Where-Object { $_.Version.Major -ge 5 } | Select-Object -First 1
if (-not $pester) {
    [Console]::Error.WriteLine('Pester 5 is not installed in the sandbox')
    exit 3
}
Import-Module $pester

function global:Invoke-Skill {
    # Runs the skill with its input by name; returns its result, or throws what it says on standard error.
    param([hashtable] $Given = @{})
    $start = New-Object System.Diagnostics.ProcessStartInfo
    $start.FileName = (Get-Process -Id $PID).Path
    $start.Arguments = '-NoProfile -NonInteractive -File "{0}"' -f $global:DexterEntry
    $start.RedirectStandardInput = $true
    $start.RedirectStandardOutput = $true
    $start.RedirectStandardError = $true
    $start.UseShellExecute = $false
    $process = [System.Diagnostics.Process]::Start($start)
    $complaint = $process.StandardError.ReadToEndAsync()
    $result = $process.StandardOutput.ReadToEndAsync()
    $process.StandardInput.Write((ConvertTo-Json -InputObject $Given -Depth 20 -Compress))
    $process.StandardInput.Close()
    $process.WaitForExit()
    if ($process.ExitCode -ne 0) {
        throw ('The skill ended with {0}: {1}' -f $process.ExitCode, $complaint.Result)
    }
    try { return ConvertFrom-Json -InputObject $result.Result } catch { return $result.Result }
}

for ($trial = 0; $trial -lt $order.trials; $trial++) {
    $file = Join-Path ([IO.Path]::GetTempPath()) ('results-{0}.xml' -f $trial)
    $wanted = New-PesterConfiguration
    $wanted.Run.Path = @($order.tests | ForEach-Object { Join-Path $env:SKILL $_ })
    $wanted.Output.Verbosity = 'None'
    $wanted.TestResult.Enabled = $true
    $wanted.TestResult.OutputFormat = 'NUnitXml'
    $wanted.TestResult.OutputPath = $file
    Invoke-Pester -Configuration $wanted | Out-Null
    [Console]::Out.WriteLine([IO.File]::ReadAllText($file))
}
