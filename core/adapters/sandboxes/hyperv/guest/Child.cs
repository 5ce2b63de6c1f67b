// A process that holds three handles of this one and no other, and that waits to be told to begin.
using System;
using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;

namespace Dexter {
    public sealed class Child : IDisposable {
        private const uint Suspended = 0x4, UnicodeEnvironment = 0x400, ExtendedStartup = 0x80000, NoWindow = 0x8000000;
        private const uint UseHandles = 0x100;
        private const uint HandleList = 0x20002;
        private ProcessInformation made;

        internal Child(IntPtr token, Order order, params SafeHandle[] handles) {
            using (var list = new Block(handles.Length * IntPtr.Size))
            using (var attributes = Attributes(list, handles))
            using (var environment = Block.Of(string.Join("\0", order.Environment) + "\0\0")) {
                var start = new StartupInformationEx();
                start.Size = Marshal.SizeOf(typeof(StartupInformationEx));
                start.Flags = UseHandles;
                start.Input = handles[0].DangerousGetHandle();
                start.Output = handles[1].DangerousGetHandle();
                start.Error = handles[2].DangerousGetHandle();
                start.Attributes = attributes.At;
                bool done = CreateProcessAsUser(
                    token, order.Words[0], new StringBuilder(CommandLine(order.Words)), IntPtr.Zero, IntPtr.Zero, true,
                    Suspended | UnicodeEnvironment | ExtendedStartup | NoWindow, environment.At, order.Folder,
                    ref start, out made);
                int error = Marshal.GetLastWin32Error();
                DeleteProcThreadAttributeList(attributes.At);
                if (!done) {
                    throw new Win32Exception(error);
                }
            }
        }

        internal IntPtr Process {
            get { return made.Process; }
        }

        public static string CommandLine(string[] words) {
            var line = new StringBuilder();
            foreach (string word in words) {
                line.Append(line.Length == 0 ? "" : " ");
                Quote(word, line);
            }
            return line.ToString();
        }

        internal void Resume() {
            Native.Check(ResumeThread(made.Thread) != uint.MaxValue);
        }

        internal bool Over() {
            return WaitForSingleObject(made.Process, 0) == 0;
        }

        internal long Code() {
            uint code;
            Native.Check(GetExitCodeProcess(made.Process, out code));
            return code;
        }

        public void Dispose() {
            Native.CloseHandle(made.Thread);
            Native.CloseHandle(made.Process);
        }

        // As CommandLineToArgvW reads it: backslashes count only before a quotation mark.
        private static void Quote(string word, StringBuilder line) {
            if (word.Length > 0 && word.IndexOfAny(new[] { ' ', '\t', '\n', '\v', '"' }) < 0) {
                line.Append(word);
                return;
            }
            int slashes = 0;
            line.Append('"');
            foreach (char each in word) {
                if (each == '\\') {
                    slashes++;
                    continue;
                }
                line.Append('\\', each == '"' ? 2 * slashes + 1 : slashes).Append(each);
                slashes = 0;
            }
            line.Append('\\', 2 * slashes).Append('"');
        }

        private static Block Attributes(Block list, SafeHandle[] handles) {
            for (int at = 0; at < handles.Length; at++) {
                Marshal.WriteIntPtr(list.At, at * IntPtr.Size, handles[at].DangerousGetHandle());
            }
            UIntPtr size = UIntPtr.Zero;
            InitializeProcThreadAttributeList(IntPtr.Zero, 1, 0, ref size);
            var block = new Block((int)size.ToUInt32());
            Native.Check(InitializeProcThreadAttributeList(block.At, 1, 0, ref size));
            Native.Check(UpdateProcThreadAttribute(
                block.At, 0, new UIntPtr(HandleList), list.At, new UIntPtr((uint)list.Size), IntPtr.Zero, IntPtr.Zero));
            return block;
        }

        [DllImport("kernel32.dll", SetLastError = true)]
        private static extern uint ResumeThread(IntPtr thread);

        [DllImport("kernel32.dll", SetLastError = true)]
        private static extern uint WaitForSingleObject(IntPtr handle, uint milliseconds);

        [DllImport("kernel32.dll", SetLastError = true)]
        private static extern bool GetExitCodeProcess(IntPtr process, out uint code);

        [DllImport("kernel32.dll", SetLastError = true)]
        private static extern bool InitializeProcThreadAttributeList(IntPtr list, int count, int flags, ref UIntPtr size);

        [DllImport("kernel32.dll", SetLastError = true)]
        private static extern bool UpdateProcThreadAttribute(
            IntPtr list, uint flags, UIntPtr which, IntPtr value, UIntPtr size, IntPtr before, IntPtr got);

        [DllImport("kernel32.dll")]
        private static extern void DeleteProcThreadAttributeList(IntPtr list);

        [DllImport("advapi32.dll", SetLastError = true, CharSet = CharSet.Unicode)]
        private static extern bool CreateProcessAsUser(
            IntPtr token, string program, StringBuilder line, IntPtr process, IntPtr thread, bool inherit, uint flags,
            IntPtr environment, string folder, ref StartupInformationEx start, out ProcessInformation made);
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct ProcessInformation {
        public IntPtr Process, Thread;
        public uint ProcessId, ThreadId;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct StartupInformationEx {
        public int Size;
        public IntPtr Reserved, Desktop, Title;
        public uint X, Y, XSize, YSize, XCountChars, YCountChars, FillAttribute, Flags;
        public ushort ShowWindow, ReservedSize;
        public IntPtr ReservedBytes, Input, Output, Error, Attributes;
    }
}
