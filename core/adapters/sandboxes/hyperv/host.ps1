# Runs on the Hyper-V host. With -Action run: one program in one virtual machine, between two restorations of its
# checkpoint. With -Action clean: the restoration alone, at once, whatever goes on in the machine.
# Every value is a parameter. What it says is one JSON object; its stage is where it came to, or where it failed.
[CmdletBinding()]
param(
    [Parameter(Mandatory)] [ValidateSet('run', 'clean')] [string] $Action,
    [Parameter(Mandatory)] [string] $Nonce,
    [Parameter(Mandatory)] [guid] $VMId,              # ids, because names take wildcards
    [Parameter(Mandatory)] [guid] $CheckpointId,
    [int] $WaitSeconds = 90,                          # for another Dexter to leave the machine
    [int] $BootSeconds = 90,
    [int] $RunSeconds = 60,
    [string] $GuestUser = '',
    [securestring] $GuestPassword = $null,
    [string] $GuestScript = '',
    [string] $GuestPython = 'python',
    [byte[]] $Payload = @()
)
$report = @{ nonce = $Nonce; stage = 'language'; error = ''; denied = $false; restored = $false; guest = '' }
if ("$($ExecutionContext.SessionState.LanguageMode)" -ne 'FullLanguage') {
    $report.error = "$($ExecutionContext.SessionState.LanguageMode)"
    return ConvertTo-Json -InputObject $report -Compress
}
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
Set-StrictMode -Version 2
$lock = $null
$session = $null
$work = $null

function Enter-Stage([string] $Name) {
    $report.stage = $Name
    Write-Information -MessageData $Name -Tags 'dexter.stage'
}

function Get-Machine { Get-VM -Id $VMId }

# The file is open for one process alone, and free as soon as that process is gone.
function Lock-Machine {
    $path = Join-Path $env:ProgramData ('dexter-{0:N}.lock' -f $VMId)
    $until = [DateTime]::UtcNow.AddSeconds($WaitSeconds)
    while ($true) {
        try { return [IO.File]::Open($path, 'OpenOrCreate', 'ReadWrite', 'None') }
        catch [IO.IOException] { if ([DateTime]::UtcNow -gt $until) { throw } }
        Start-Sleep -Milliseconds 500
    }
}

function Stop-Machine {
    $machine = Get-Machine
    if ("$($machine.State)" -notin 'Off', 'Saved') { Stop-VM -VM $machine -TurnOff -Force -WarningAction SilentlyContinue }
}

function Restore-Machine {
    Stop-Machine
    $checkpoint = @(Get-VMSnapshot -VM (Get-Machine) | Where-Object { $_.Id -eq $CheckpointId })
    if ($checkpoint.Count -ne 1) { throw "There is no checkpoint $CheckpointId." }
    Restore-VMSnapshot -VMSnapshot $checkpoint[0] -Confirm:$false
}

function Test-Apart {
    $joined = @(Get-VMNetworkAdapter -VM (Get-Machine) | Where-Object { $_.SwitchName })
    if ($joined.Count) { throw "$($joined[0].Name): $($joined[0].SwitchName)" }
}

function Start-Machine {
    if ("$((Get-Machine).State)" -ne 'Running') { Start-VM -VM (Get-Machine) }
    $until = [DateTime]::UtcNow.AddSeconds($BootSeconds)
    while ("$((Get-Machine).Heartbeat)" -notlike 'Ok*') {
        if ([DateTime]::UtcNow -gt $until) { throw "$((Get-Machine).Heartbeat)" }
        Start-Sleep -Milliseconds 500
    }
}

# The heartbeat comes before the guest lets anyone in. What it says is in its own language: only the kind tells.
function Connect-Guest {
    $credential = New-Object Management.Automation.PSCredential ($GuestUser, $GuestPassword)
    $begun = [DateTime]::UtcNow
    while ($true) {
        try { return New-PSSession -VMId $VMId -Credential $credential }
        catch {
            $waited = ([DateTime]::UtcNow - $begun).TotalSeconds
            $refused = $_.Exception.GetType().Name -eq 'PSDirectException'
            if ($waited -gt $BootSeconds -or ($refused -and $waited -gt 20)) { throw }
        }
        Start-Sleep -Seconds 2
    }
}

function Copy-Payload {
    $null = New-Item -ItemType Directory -Path $work
    [IO.File]::WriteAllBytes((Join-Path $work 'payload.zip'), $Payload)
    [IO.File]::WriteAllText((Join-Path $work 'guest.ps1'), $GuestScript)
    $folder = Invoke-Command -Session $session -ScriptBlock {
        $made = Join-Path $env:SystemDrive ('dexter-' + [guid]::NewGuid().ToString('N').Substring(0, 8))
        (New-Item -ItemType Directory -Path $made).FullName
    }
    Copy-Item -LiteralPath (Join-Path $work 'payload.zip') -Destination $folder -ToSession $session
    [string] $folder
}

# What the program says so far; it is told again, whole, at the end.
function Send-News($Job) {
    foreach ($record in $Job.ChildJobs[0].Information.ReadAll()) {
        $text = "$($record.MessageData)"
        if ($text.StartsWith($Nonce)) {
            Write-Information -MessageData ('said:' + $text.Substring($Nonce.Length)) -Tags 'dexter.said'
        }
    }
}

function Invoke-Guest([string] $Folder) {
    $script = Join-Path $work 'guest.ps1'
    $job = Invoke-Command -Session $session -FilePath $script -ArgumentList $Folder, $Nonce, $GuestPython -AsJob
    Enter-Stage 'wait'
    $left = $RunSeconds + 60
    while (-not (Wait-Job -Job $job -Timeout 1)) {
        Send-News $job
        $left = $left - 1
        if (-not $left) { throw 'The guest did not answer.' }
    }
    Send-News $job
    Enter-Stage 'result'
    $said = @(Receive-Job -Job $job -ErrorAction Stop)
    if ($said.Count -ne 1 -or -not "$($said[0])".StartsWith($Nonce)) { throw 'The guest did not answer as it was asked to.' }
    "$($said[0])".Substring($Nonce.Length)
}

try {
    Enter-Stage 'module'
    Import-Module -Name Hyper-V
    Enter-Stage 'machine'
    $null = Get-Machine
    if ($Action -eq 'clean') { Stop-Machine }
    Enter-Stage 'lock'
    $lock = Lock-Machine
    if ($Action -eq 'run') {
        Enter-Stage 'checkpoint'
        Restore-Machine
        Enter-Stage 'adapter'
        Test-Apart
        Enter-Stage 'boot'
        Start-Machine
        Enter-Stage 'guest'
        $session = Connect-Guest
        Enter-Stage 'copy'
        $work = Join-Path ([IO.Path]::GetTempPath()) ('dexter-' + [guid]::NewGuid().ToString('N'))
        $folder = Copy-Payload
        Enter-Stage 'run'
        $report.guest = Invoke-Guest $folder
    }
    Enter-Stage 'done'
}
catch {
    $report.error = "$($_.Exception.Message)"
    $report.denied = "$($_.CategoryInfo.Category)" -eq 'PermissionDenied'
    if (-not $report.error) { $report.error = "$($_.FullyQualifiedErrorId)" }
}
finally {
    if ($lock) {
        try {
            Restore-Machine
            $report.restored = $true
        }
        catch { if (-not $report.error) { $report.stage = 'checkpoint'; $report.error = "$($_.Exception.Message)" } }
        finally { $lock.Dispose() }
    }
    if ($session) { Remove-PSSession -Session $session -ErrorAction SilentlyContinue }
    if ($work) { Remove-Item -LiteralPath $work -Recurse -Force -ErrorAction SilentlyContinue }
}
ConvertTo-Json -InputObject $report -Compress
