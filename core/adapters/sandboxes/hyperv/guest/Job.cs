// A job object: it bounds all processes of a run together, ends them together, and nothing leaves it.
// https://learn.microsoft.com/windows/win32/procthread/job-objects
using System;
using System.Runtime.InteropServices;
using System.Threading;

namespace Dexter {
    internal sealed class Job : IDisposable {
        private const uint ActiveProcess = 0x8, JobMemory = 0x200, DieOnException = 0x400, KillOnClose = 0x2000;
        private const uint AllOfTheUserInterface = 0xFF;
        private const int BasicAccounting = 1, BasicUi = 4, AssociatePort = 7, Extended = 9;
        private const uint MemoryMessage = 10;
        private const int MostMessages = 1000;  // at one look, so that a fork bomb does not hold up the watch
        private readonly IntPtr job;
        private readonly IntPtr port;
        private bool overran;

        public Job(long memory, int processes) {
            job = Native.Checked(CreateJobObject(IntPtr.Zero, null));
            port = Native.Checked(CreateIoCompletionPort(new IntPtr(-1), IntPtr.Zero, UIntPtr.Zero, 1));
            var limits = new ExtendedLimits();
            limits.Basic.LimitFlags = ActiveProcess | JobMemory | DieOnException | KillOnClose;
            limits.Basic.ActiveProcessLimit = (uint)processes;
            limits.JobMemoryLimit = new UIntPtr((ulong)memory);
            Set(Extended, limits);
            Set(BasicUi, AllOfTheUserInterface);
            Set(AssociatePort, new Association { Key = IntPtr.Zero, Port = port });
        }

        public void Take(IntPtr process) {
            Native.Check(AssignProcessToJobObject(job, process));
        }

        // Tells whether more memory was asked for than there may be; waits for news.
        public bool Overran(uint milliseconds) {
            uint message;
            UIntPtr key;
            IntPtr overlapped;
            for (int read = 0; read < MostMessages; read++) {
                if (!GetQueuedCompletionStatus(port, out message, out key, out overlapped, milliseconds)) {
                    break;
                }
                overran |= message == MemoryMessage;
                milliseconds = 0;
            }
            return overran;
        }

        public void End() {
            TerminateJobObject(job, 1);
            for (int look = 0; look < 500 && Get<Accounting>(BasicAccounting).ActiveProcesses > 0; look++) {
                Thread.Sleep(10);
            }
        }

        public double Cpu() {
            var used = Get<Accounting>(BasicAccounting);
            return (used.TotalUserTime + used.TotalKernelTime) / 1e7;
        }

        public long Peak() {
            return (long)Get<ExtendedLimits>(Extended).PeakJobMemoryUsed.ToUInt64();
        }

        public void Dispose() {
            Native.CloseHandle(job);
            Native.CloseHandle(port);
        }

        private void Set<T>(int what, T value) where T : struct {
            using (var memory = new Block(Marshal.SizeOf(typeof(T)))) {
                Marshal.StructureToPtr(value, memory.At, false);
                Native.Check(SetInformationJobObject(job, what, memory.At, (uint)memory.Size));
            }
        }

        private T Get<T>(int what) where T : struct {
            using (var memory = new Block(Marshal.SizeOf(typeof(T)))) {
                uint size;
                Native.Check(QueryInformationJobObject(job, what, memory.At, (uint)memory.Size, out size));
                return (T)Marshal.PtrToStructure(memory.At, typeof(T));
            }
        }

        [DllImport("kernel32.dll", SetLastError = true, CharSet = CharSet.Unicode)]
        private static extern IntPtr CreateJobObject(IntPtr security, string name);

        [DllImport("kernel32.dll", SetLastError = true)]
        private static extern bool SetInformationJobObject(IntPtr job, int what, IntPtr value, uint size);

        [DllImport("kernel32.dll", SetLastError = true)]
        private static extern bool QueryInformationJobObject(IntPtr job, int what, IntPtr value, uint size, out uint got);

        [DllImport("kernel32.dll", SetLastError = true)]
        private static extern bool AssignProcessToJobObject(IntPtr job, IntPtr process);

        [DllImport("kernel32.dll", SetLastError = true)]
        private static extern bool TerminateJobObject(IntPtr job, uint code);

        [DllImport("kernel32.dll", SetLastError = true)]
        private static extern IntPtr CreateIoCompletionPort(IntPtr file, IntPtr port, UIntPtr key, uint threads);

        [DllImport("kernel32.dll", SetLastError = true)]
        private static extern bool GetQueuedCompletionStatus(
            IntPtr port, out uint message, out UIntPtr key, out IntPtr overlapped, uint milliseconds);
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct BasicLimits {
        public long PerProcessUserTimeLimit, PerJobUserTimeLimit;
        public uint LimitFlags;
        public UIntPtr MinimumWorkingSetSize, MaximumWorkingSetSize;
        public uint ActiveProcessLimit;
        public UIntPtr Affinity;
        public uint PriorityClass, SchedulingClass;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct ExtendedLimits {
        public BasicLimits Basic;
        public ulong ReadOperations, WriteOperations, OtherOperations, ReadBytes, WriteBytes, OtherBytes;
        public UIntPtr ProcessMemoryLimit, JobMemoryLimit, PeakProcessMemoryUsed, PeakJobMemoryUsed;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct Accounting {
        public long TotalUserTime, TotalKernelTime, ThisPeriodUserTime, ThisPeriodKernelTime;
        public uint PageFaults, TotalProcesses, ActiveProcesses, TerminatedProcesses;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct Association {
        public IntPtr Key, Port;
    }
}
