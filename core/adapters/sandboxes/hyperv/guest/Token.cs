// This process's own token without its privileges and administrators' rights, one level of integrity below it: what holds
// it can neither open this process nor anything else of its level. A token made from one's own needs no password.
// https://learn.microsoft.com/windows/win32/api/securitybaseapi/nf-securitybaseapi-createrestrictedtoken
using System;
using System.Runtime.InteropServices;

namespace Dexter {
    public sealed class Token : IDisposable {
        private const uint AssignPrimary = 0x1, Duplicate = 0x2, Query = 0x8, AdjustDefault = 0x80;
        private const uint DisableMaxPrivilege = 0x1, LuaToken = 0x4, GroupIntegrity = 0x20;
        private const int IntegrityLevel = 25;
        private const int High = 0x3000;
        private const string Administrators = "S-1-5-32-544", Medium = "S-1-16-8192";
        public readonly IntPtr Handle;

        private Token(IntPtr handle) {
            Handle = handle;
        }

        // Tells whether this process stands above an ordinary one, which is what its programs are.
        public static bool Elevated() {
            IntPtr own;
            Native.Check(OpenProcessToken(GetCurrentProcess(), Query, out own));
            try {
                uint size;
                GetTokenInformation(own, IntegrityLevel, IntPtr.Zero, 0, out size);
                using (var memory = new Block((int)size)) {
                    Native.Check(GetTokenInformation(own, IntegrityLevel, memory.At, size, out size));
                    IntPtr sid = Marshal.ReadIntPtr(memory.At);
                    int last = Marshal.ReadByte(GetSidSubAuthorityCount(sid)) - 1;
                    return Marshal.ReadInt32(GetSidSubAuthority(sid, (uint)last)) >= High;
                }
            } finally {
                Native.CloseHandle(own);
            }
        }

        internal static Token Lesser() {
            IntPtr own, made, administrators;
            Native.Check(OpenProcessToken(GetCurrentProcess(), AssignPrimary | Duplicate | Query | AdjustDefault, out own));
            Native.Check(ConvertStringSidToSid(Administrators, out administrators));
            try {
                var disabled = new[] { new SidAndAttributes { Sid = administrators } };
                Native.Check(CreateRestrictedToken(
                    own, DisableMaxPrivilege | LuaToken, 1, disabled, 0, IntPtr.Zero, 0, IntPtr.Zero, out made));
            } finally {
                Native.LocalFree(administrators);
                Native.CloseHandle(own);
            }
            var token = new Token(made);
            token.Lower(Medium);
            return token;
        }

        public void Dispose() {
            Native.CloseHandle(Handle);
        }

        private void Lower(string level) {
            IntPtr sid;
            Native.Check(ConvertStringSidToSid(level, out sid));
            try {
                var label = new SidAndAttributes { Sid = sid, Attributes = GroupIntegrity };
                uint size = (uint)Marshal.SizeOf(typeof(SidAndAttributes)) + GetLengthSid(sid);
                Native.Check(SetTokenInformation(Handle, IntegrityLevel, ref label, size));
            } finally {
                Native.LocalFree(sid);
            }
        }

        [DllImport("kernel32.dll")]
        private static extern IntPtr GetCurrentProcess();

        [DllImport("advapi32.dll", SetLastError = true)]
        private static extern bool OpenProcessToken(IntPtr process, uint access, out IntPtr token);

        [DllImport("advapi32.dll", SetLastError = true)]
        private static extern bool CreateRestrictedToken(
            IntPtr token, uint flags, uint count, SidAndAttributes[] disabled, uint privileges, IntPtr deleted,
            uint restricted, IntPtr restricting, out IntPtr made);

        [DllImport("advapi32.dll", SetLastError = true)]
        private static extern bool SetTokenInformation(IntPtr token, int what, ref SidAndAttributes value, uint size);

        [DllImport("advapi32.dll", SetLastError = true)]
        private static extern bool GetTokenInformation(IntPtr token, int what, IntPtr value, uint size, out uint needed);

        [DllImport("advapi32.dll")]
        private static extern IntPtr GetSidSubAuthorityCount(IntPtr sid);

        [DllImport("advapi32.dll")]
        private static extern IntPtr GetSidSubAuthority(IntPtr sid, uint which);

        [DllImport("advapi32.dll")]
        private static extern uint GetLengthSid(IntPtr sid);

        [DllImport("advapi32.dll", SetLastError = true, CharSet = CharSet.Unicode)]
        private static extern bool ConvertStringSidToSid(string text, out IntPtr sid);
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct SidAndAttributes {
        public IntPtr Sid;
        public uint Attributes;
    }
}
