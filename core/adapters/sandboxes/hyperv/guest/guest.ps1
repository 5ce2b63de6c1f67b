# Runs in the guest, around one program: unpacks it, runs it with fewer rights than its own, and says how it ended.
# What it says is one string: a nonce that the program never sees, and JSON. What the program says meanwhile goes to the
# information stream, which the program does not have.
[CmdletBinding()]
param(
    [Parameter(Mandatory)] [string] $Folder,     # where payload.zip lies, and nothing else
    [Parameter(Mandatory)] [string] $Nonce,
    [Parameter(Mandatory)] [string] $Python
)
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
Set-StrictMode -Version 2

function Find-Program([string] $Name) {
    $escaped = [Management.Automation.WildcardPattern]::Escape($Name)
    $found = Get-Command -Name $escaped -CommandType Application -ErrorAction SilentlyContinue |
        Where-Object { $_.Extension -eq '.exe' -and $_.Source -notlike '*\WindowsApps\*' }    # those only open a shop
    @($found | ForEach-Object { $_.Source })[0]
}

function Get-Words($order) {
    if ($order.entry) {
        $file, $function = $order.entry -split ':', 2
        $script = Join-Path (Join-Path $Folder 'files') $file.Replace('/', '\')
        return @($Python, '-I', '-X', 'utf8', (Join-Path $Folder 'call.py'), $script, $function)
    }
    @($order.argv | ForEach-Object { $_.Replace('{files}', (Join-Path $Folder 'files')) })
}

function Get-Environment($order) {
    $kept = 'ComSpec', 'NUMBER_OF_PROCESSORS', 'OS', 'Path', 'PATHEXT', 'PROCESSOR_ARCHITECTURE', 'ProgramData',
        'ProgramFiles', 'ProgramFiles(x86)', 'PSModulePath', 'SystemDrive', 'SystemRoot', 'windir'
    $values = New-Object 'Collections.Generic.SortedDictionary[string,string]' ([StringComparer]::OrdinalIgnoreCase)
    foreach ($name in $kept) {
        $value = [Environment]::GetEnvironmentVariable($name)
        if ($value) { $values[$name] = $value }
    }
    foreach ($name in 'TEMP', 'TMP', 'HOME', 'USERPROFILE', 'APPDATA', 'LOCALAPPDATA') { $values[$name] = $personal }
    $values['PYTHONDONTWRITEBYTECODE'] = '1'
    $values['PYTHONUTF8'] = '1'
    $values['DEXTER_RESULT'] = $result
    $libraries = @(0..100 | ForEach-Object { Join-Path $Folder "libraries\$_" } | Where-Object { Test-Path -LiteralPath $_ })
    if ($libraries.Count) { $values['PYTHONPATH'] = $libraries -join ';' }
    @($values.GetEnumerator() | ForEach-Object { $_.Key + '=' + $_.Value })
}

function Protect-Folder {
    $me = [Security.Principal.WindowsIdentity]::GetCurrent().User.Value
    $all = '*S-1-5-18:(OI)(CI)F', '*S-1-5-32-544:(OI)(CI)F'
    $null = & "$env:SystemRoot\System32\icacls.exe" $Folder /inheritance:r /grant $all "*${me}:(OI)(CI)RX" /Q
    if ($LASTEXITCODE) { throw "icacls: $LASTEXITCODE" }
    foreach ($own in $work, $personal, $out) {
        $null = & "$env:SystemRoot\System32\icacls.exe" $own /grant "*${me}:(OI)(CI)M" /Q
        if ($LASTEXITCODE) { throw "icacls: $LASTEXITCODE" }
    }
}

function Read-Result([int] $Most) {
    $file = Get-Item -LiteralPath $result -Force -ErrorAction SilentlyContinue
    if (-not $file -or $file.PSIsContainer -or ($file.Attributes -band [IO.FileAttributes]::ReparsePoint)) { return '' }
    if ($file.Length -gt $Most) { return $null }
    [Convert]::ToBase64String([IO.File]::ReadAllBytes($result))
}

function Get-Text([string] $Text) { [Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes($Text)) }

function Invoke-Program($order) {
    $words = @(Get-Words $order)
    $program = Find-Program $words[0]
    if (-not $program) { return @{ ended = 'exited'; code = 127; stderr = Get-Text "$($words[0]): not found`n" } }
    $cell = New-Object Dexter.Order -Property @{
        Words = [string[]](@($program) + @($words | Select-Object -Skip 1)); Folder = $work
        Input = Join-Path $Folder 'arguments.json'; Environment = [string[]](Get-Environment $order)
        Seconds = $order.seconds; Memory = $order.memory; Output = $order.output; Processes = $order.processes
    }
    $going = New-Object Dexter.Going -ArgumentList $cell
    while (-not $going.Over(250)) {
        foreach ($piece in $going.News()) { Write-Information -MessageData ($Nonce + $piece) -Tags 'dexter.said' }
    }
    $ended = $going.End()
    $value = Read-Result $order.output
    $how = $(if ($null -eq $value -and $ended.How -eq 'exited') { 'too much output' } else { $ended.How })
    @{ ended = $how; code = $ended.Code; cpu = $ended.Cpu; memory = $ended.Peak; stdout = $ended.Out; stderr = $ended.Err
        result = "$value" }
}

function Invoke-All {
    if ("$($ExecutionContext.SessionState.LanguageMode)" -ne 'FullLanguage') { return @{ refused = 'language' } }
    Add-Type -AssemblyName System.IO.Compression.FileSystem
    [IO.Compression.ZipFile]::ExtractToDirectory((Join-Path $Folder 'payload.zip'), $Folder)
    Add-Type -Path @(Get-ChildItem -LiteralPath (Join-Path $Folder 'cell') -Filter '*.cs' | ForEach-Object { $_.FullName })
    if (-not [Dexter.Token]::Elevated()) { return @{ refused = 'rights' } }
    $null = New-Item -ItemType Directory -Path $work, $personal, $out
    Protect-Folder
    $order = ConvertFrom-Json ([IO.File]::ReadAllText((Join-Path $Folder 'order.json')))
    Invoke-Program $order
}

$work = Join-Path $Folder 'work'
$personal = Join-Path $Folder 'home'
$out = Join-Path $Folder 'out'
$result = Join-Path $out 'result.json'
$Nonce + (ConvertTo-Json -InputObject (Invoke-All) -Compress)
